import { createHash } from 'node:crypto';
import { createEndpoint } from '../contract/facts';
import type { ParameterFacts } from '../contract/facts';
import { findParameter } from '../contract/families';
import { checkFormat } from '../contract/formats';
import { parsePropertyString } from '../contract/propertyString';
import type { Parameters } from '../endpoints/types';
import { failure } from '../errors';
import type { ClusterState, Vm, VmConfig } from '../state/types';

/** Keys of a configuration that are no parameters of the create. */
const INTERNAL = new Set(['meta', 'parent', 'snaptime', 'vmstate', 'runningmachine', 'runningcpu']);

function checkStringFormat(facts: ParameterFacts | undefined, text: string): string | undefined {
	if (facts?.format === undefined) return undefined;
	if (facts.subOptions)
		return parsePropertyString(facts.subOptions, text, { format: facts.format }).error;
	return checkFormat(facts.format, text);
}

/** One value as the configuration file takes it; throws why it does not. */
function storeValue(key: string, value: Parameters[string] | undefined): string | number {
	const facts = findParameter(createEndpoint, key);
	if (value === null || value === undefined) throw failure('got undefined value');
	const text = Array.isArray(value) ? value.join(',') : String(value);
	if (/[\n\r]/.test(text)) throw failure('property contains a line feed');
	switch (facts?.type) {
		case 'boolean':
			if (/^(1|on|yes|true)$/i.test(text)) return 1;
			if (/^(0|off|no|false)$/i.test(text)) return 0;
			throw failure(`type check ('boolean') failed - got '${text}'`);
		case 'integer':
			if (!/^\d+$/.test(text)) throw failure(`type check ('integer') failed - got '${text}'`);
			return Number(text);
		case 'number':
			if (!/^\d+(\.\d+)?$/.test(text))
				throw failure(`type check ('number') failed - got '${text}'`);
			return text;
		default: {
			const problem = checkStringFormat(facts, text);
			if (problem !== undefined) throw failure(problem.trimEnd());
			return facts?.format === undefined ? text.replace(/^"(.*)"$/, '$1') : text;
		}
	}
}

/**
 * A stored value as it is read back: a text without blanks around it, but never empty, and checked once more. One that
 * is right no longer is passed over.
 */
function readBack(key: string, value: string | number): string | number | undefined {
	if (typeof value === 'number') return value;
	const text = value.trim() === '' ? ' ' : value.trim();
	if (INTERNAL.has(key) || key === 'args') return text;
	try {
		return storeValue(key, text);
	} catch {
		return undefined;
	}
}

/** Values as they stand in the configuration once written and read again; throws `unable to parse value of …`. */
export function toStored(values: Parameters): VmConfig {
	const config: VmConfig = {};
	for (const key of Object.keys(values).sort()) {
		const value = values[key];
		if (key === 'description') {
			const text = String(value ?? '');
			if (text !== '') config.description = text.trimEnd();
			continue;
		}
		try {
			const stored = readBack(key, INTERNAL.has(key) ? String(value) : storeValue(key, value));
			if (stored !== undefined) config[key] = stored;
		} catch (error) {
			throw failure(
				`unable to parse value of '${key}' - ${error instanceof Error ? error.message : ''}`,
			);
		}
	}
	return replaceLegacy(config);
}

/** `smp` is no longer used: it becomes `sockets`. */
function replaceLegacy(config: VmConfig): VmConfig {
	const { smp, ...rest } = config;
	if (smp === undefined || smp === 0) return rest;
	if (rest.sockets) return rest;
	delete rest.cores;
	return { ...rest, sockets: smp };
}

/** The text of the configuration file. */
export function printConfig(config: VmConfig): string {
	const lines =
		String(config.description ?? '') === ''
			? []
			: String(config.description)
					.split('\n')
					.map((line) => `#${line}`);
	for (const key of Object.keys(config).sort()) {
		if (key !== 'description') lines.push(`${key}: ${config[key]}`);
	}
	return lines.map((line) => `${line}\n`).join('');
}

/** The checksum that protects a configuration against changes by others. */
export function digestOf(vm: Pick<Vm, 'config' | 'pending'>): string {
	return createHash('sha1')
		.update(printConfig(vm.config) + printConfig(vm.pending))
		.digest('hex');
}

/** A VM of the node that is asked; throws what the API says where there is none. */
export function vmOf(state: ClusterState, vmid: number): Vm {
	const vm = state.vms.get(vmid);
	if (!vm || vm.type !== 'qemu' || vm.node !== state.localNode) {
		throw failure(
			`Configuration file 'nodes/${state.localNode}/qemu-server/${vmid}.conf' does not exist`,
		);
	}
	return vm;
}

/** Throws `VM is locked (…)` where a task or a crash left its lock. */
export function checkLock(vm: Vm): void {
	if (vm.config.lock) throw failure(`VM is locked (${vm.config.lock})`);
}

/** Without quorum nothing below /etc/pve can be written. */
export function checkWritable(state: ClusterState, vmid: number): void {
	if (state.quorate) return;
	const pid = 100 + Math.floor(Math.random() * 900);
	const file = `/etc/pve/nodes/${state.localNode}/qemu-server/${vmid}.conf.tmp.${pid}`;
	throw failure(`unable to open file '${file}' - Permission denied`);
}

/** Keeps a volume that is no longer in a drive; returns the key it got. */
export function addUnused(vm: Vm, volid: string): string {
	let slot = 0;
	while (vm.config[`unused${slot}`] !== undefined) slot += 1;
	vm.config[`unused${slot}`] = volid;
	return `unused${slot}`;
}
