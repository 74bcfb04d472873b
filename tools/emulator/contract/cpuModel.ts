import { subOptionsOf } from './facts';
import { isTrue } from './perl';

/** Models that Proxmox itself makes from a QEMU model and flags. */
const builtInModels = ['x86-64-v2', 'x86-64-v2-AES', 'x86-64-v3', 'x86-64-v4'];

/** The flags that a VM may set; custom models, which the emulator has none of, may set any. */
const vmFlags = [
	'aes',
	'amd-no-ssb',
	'amd-ssbd',
	'hv-evmcs',
	'hv-tlbflush',
	'ibpb',
	'md-clear',
	'nested-virt',
	'pcid',
	'pdpe1gb',
	'spec-ctrl',
	'ssbd',
	'virt-ssbd',
];

/** What `cpu` must fulfil beyond its sub-options' own rules; returns the error text, with its line feed. */
export function checkCpuModel(values: Record<string, string | number>): string | undefined {
	const model = String(values.cputype ?? '');
	if (!isTrue(model)) return 'CPU is missing cputype\n';
	if (model.startsWith('custom-'))
		return `Custom cputype '${model.slice('custom-'.length)}' not found\n`;
	const qemuModels = subOptionsOf('cpu')['reported-model']?.enum ?? [];
	if (!qemuModels.includes(model) && !builtInModels.includes(model)) {
		return `Built-in cputype '${model}' is not defined (missing 'custom-' prefix?)\n`;
	}
	const flags = String(values.flags ?? '')
		.split(';')
		.filter((flag) => flag !== '');
	if (!flags.every((flag) => vmFlags.includes(flag.slice(1)))) {
		return `VM-specific CPU flags must be a subset of: ${vmFlags.join(', ')}\n`;
	}
	if (values['reported-model'] !== undefined) {
		return "Property 'reported-model' not allowed in VM-specific CPU config.\n";
	}
	return undefined;
}
