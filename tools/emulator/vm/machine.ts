import { subOptionsOf } from '../contract/facts';
import { parsePropertyString } from '../contract/propertyString';

/** The QEMU that this Proxmox VE comes with. */
export const QEMU_VERSION = '10.0.13';

/** The newest version of each kind of machine. */
export const NEWEST_MACHINE: Readonly<Record<string, string>> = {
	pc: 'pc-i440fx-10.0+pve1',
	q35: 'pc-q35-10.0+pve1',
	virt: 'virt-10.0+pve1',
};

/** The machine that a VM runs as: the one that is configured, in its newest version where none is named. */
export function runningMachine(machine: unknown): string {
	const { type = 'pc' } =
		parsePropertyString(subOptionsOf('machine'), String(machine ?? '')).values ?? {};
	return NEWEST_MACHINE[String(type)] ?? String(type);
}
