import { createHash } from 'node:crypto';
import { createContainerEndpoint } from '../contract/facts';
import { findParameter } from '../contract/families';
import type { Parameters } from '../endpoints/types';
import { failure } from '../errors';
import type { ClusterState, Vm, VmConfig } from '../state/types';

/** A container of the node that does the work; throws what the API says where there is none. */
export function ctOf(state: ClusterState, vmid: number): Vm {
	const ct = state.vms.get(vmid);
	if (ct?.type === 'lxc' && ct.node === state.localNode) return ct;
	throw failure(`Configuration file 'nodes/${state.localNode}/lxc/${vmid}.conf' does not exist`);
}

/** Throws `CT is locked (…)` where a task, a crash or somebody left a lock. */
export function checkCtLock({ config }: Vm): void {
	if (config.lock) throw failure(`CT is locked (${config.lock})`);
}

/** Throws where a container is protected; `what` is what was to be done with it. */
export function checkProtection({ config }: Vm, what: string): void {
	if (config.protection) throw failure(`${what} - protection mode enabled`);
}

/** Settings as a configuration keeps them: numbers as such, limits as texts, a description with its closing line feed. */
export function storeCt(settings: Parameters): VmConfig {
	const config: VmConfig = {};
	for (const [key, value] of Object.entries(settings)) {
		if (value === null || value === undefined) throw failure('got undefined value');
		const type = findParameter(createContainerEndpoint, key)?.type;
		const text = String(value);
		if (key === 'description') {
			if (text !== '') config.description = `${text.trimEnd()}\n`;
		} else {
			config[key] = type === 'integer' || type === 'boolean' ? Number(value) : text;
		}
	}
	return config;
}

/** Lines of a configuration that are LXC's own: `lxc.init.uid: 1000`, one a line in `config.lxc`. */
const rawLines = ({ lxc }: VmConfig): string[] =>
	lxc === undefined ? [] : String(lxc).split('\n');

/** The text of a configuration, or of one of its sections. */
export function printCtConfig(config: VmConfig): string {
	const description =
		config.description === undefined
			? []
			: String(config.description)
					.trimEnd()
					.split('\n')
					.map((line) => `#${line.replace(/%/g, '%25')}`);
	const settings = Object.keys(config)
		.filter((key) => key !== 'description' && key !== 'lxc')
		.sort()
		.map((key) => `${key}: ${config[key]}`);
	return [...description, ...settings, ...rawLines(config)].map((line) => `${line}\n`).join('');
}

function pendingSection({ pending, pendingDelete }: Vm): VmConfig {
	return pendingDelete.size === 0
		? pending
		: { ...pending, delete: [...pendingDelete].sort().join(',') };
}

/** The SHA-1 of a container's configuration file, which protects it against changes by others. */
export function ctDigest(ct: Vm): string {
	const pending = pendingSection(ct);
	const sections = [
		...(Object.keys(pending).length > 0 ? [['pve:pending', pending] as const] : []),
		...ct.snapshots.map(({ name, config, description, snaptime, parent }) => {
			const own = {
				...(description === undefined ? {} : { description }),
				...(parent === undefined ? {} : { parent }),
			};
			return [name, { ...config, ...own, snaptime }] as const;
		}),
	];
	const text = sections.map(([name, config]) => `\n[${name}]\n${printCtConfig(config)}`);
	return createHash('sha1')
		.update(printCtConfig(ct.config) + text.join(''))
		.digest('hex');
}

/** A configuration as the API shows it: LXC's own lines are pairs. */
export function shownCt(config: VmConfig): Record<string, unknown> {
	const { lxc, ...settings } = config;
	if (lxc === undefined) return settings;
	const pairs = rawLines(config).map((line) => {
		const [, key = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
		return [key, value];
	});
	return { ...settings, lxc: pairs };
}

/** Keeps a volume that is no longer mounted; returns the key it got. */
export function addUnusedVolume({ config }: Vm, volid: string): string {
	const known = Object.entries(config).find(
		([key, value]) => /^unused\d+$/.test(key) && value === volid,
	);
	if (known) return known[0];
	let slot = 0;
	while (config[`unused${slot}`] !== undefined) slot += 1;
	config[`unused${slot}`] = volid;
	return `unused${slot}`;
}
