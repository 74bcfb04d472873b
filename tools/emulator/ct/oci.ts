import type { ClusterState, OciImage, VmConfig } from '../state/types';
import { isNetKey, parseCtNet, storeNet } from './network';

/** A word of a command line as a shell takes it. */
const quote = (word: string): string =>
	/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\"'\"'")}'`;

/** What an image's own configuration makes of a container's; what was asked for of the same is replaced. */
export function ociSettings(
	state: ClusterState,
	image: OciImage,
	config: VmConfig,
	log: (line: string) => void,
): VmConfig {
	const settings: VmConfig = { cmode: 'console' };
	for (const path of image.volumes ?? []) log(`creating base directory for volume at ${path}`);
	const command = [...(image.entrypoint ?? []), ...(image.cmd ?? [])];
	const isInit = command.length === 1 && command[0] === '/sbin/init';
	if (command.length > 0 && !isInit) settings.entrypoint = command.map(quote).join(' ');
	if (image.env && image.env.length > 0) settings.env = image.env.join('\0');
	const lines = [
		...(image.user === undefined
			? []
			: ['lxc.init.uid: 1000', 'lxc.init.gid: 1000', 'lxc.init.groups: ']),
		...(image.workingDir === undefined ? [] : [`lxc.init.cwd: ${image.workingDir}`]),
		...(image.stopSignal === undefined ? [] : [`lxc.signal.halt: ${image.stopSignal}`]),
	];
	if (lines.length > 0) settings.lxc = lines.join('\n');
	if (isInit) return settings;
	for (const key of Object.keys(config).filter(isNetKey).sort()) {
		const text = String(config[key]);
		if (parseCtNet(text)?.['host-managed']) continue;
		log(`Auto-Enabling host-managed network for network device ${key}.`);
		settings[key] = storeNet(state, `${text},host-managed=1`);
	}
	return settings;
}
