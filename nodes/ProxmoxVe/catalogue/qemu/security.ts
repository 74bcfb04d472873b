import { choice, device, flag, group, integer } from '../fields';

const amdSev = device({
	label: 'AMD SEV',
	help: 'Memory encryption by AMD processors',
	since: '8.4',
	rootOnly: true,
	defaultKey: 'type',
	primary: ['type'],
	fields: {
		type: choice({
			label: 'AMD SEV Type',
			help: 'Encrypts the memory of the VM (SEV), its CPU state too (SEV-ES), or adds protection of its integrity (SEV-SNP). Needs OVMF and a host that supports it.',
			required: true,
			options: { std: 'SEV', es: 'SEV-ES', snp: 'SEV-SNP' },
		}),
		'no-debug': flag({
			label: 'AMD SEV Forbid Debugging',
			help: 'Whether to forbid the host to debug the guest',
			default: false,
		}),
		'no-key-sharing': flag({
			label: 'AMD SEV Forbid Key Sharing',
			help: 'Whether to forbid sharing the key with other guests. No effect with SEV-SNP.',
			default: false,
		}),
		'allow-smt': flag({
			label: 'AMD SEV Allow SMT',
			help: 'Whether the VM may run with simultaneous multithreading active. Only for SEV-SNP.',
			default: true,
		}),
		'kernel-hashes': flag({
			label: 'AMD SEV Kernel Hashes',
			help: 'Whether to add kernel hashes to the firmware, for a measured launch of a Linux kernel',
			default: false,
		}),
	},
});

const intelTdx = device({
	label: 'Intel TDX',
	help: 'Isolation of the VM from the host by Intel processors (Trust Domain Extensions)',
	since: '9.2',
	rootOnly: true,
	defaultKey: 'type',
	primary: ['type', 'attestation'],
	fields: {
		type: choice({
			label: 'Intel TDX',
			help: 'Shields memory and CPU state of the VM from the host. Needs OVMF and a host that supports it.',
			required: true,
			options: { tdx: 'TDX' },
		}),
		attestation: flag({
			label: 'Intel TDX Attestation',
			help: 'Whether the guest can prove its state to others with a signed quote. Must be set, on or off, with Intel TDX.',
			required: true,
			default: true,
		}),
		'vsock-cid': integer({
			label: 'Intel TDX Quote Service CID',
			help: 'The vsock context ID of the quote generation service; 2 is the host',
			min: 2,
			default: 2,
		}),
		'vsock-port': integer({
			label: 'Intel TDX Quote Service Port',
			help: 'The vsock port of the quote generation service',
			min: 0,
			default: 4050,
		}),
	},
});

const randomNumbers = device({
	label: 'Random Number Generator',
	help: 'A VirtIO device that supplies the guest with random numbers from the host',
	defaultKey: 'source',
	primary: ['source'],
	fields: {
		source: choice({
			label: 'Random Number Source',
			help: 'The source on the host. The usual choice is /dev/urandom; /dev/hwrng needs a hardware generator and the privilege Mapping.Use on /mapping/hwrng.',
			required: true,
			options: {
				'/dev/urandom': '/dev/urandom',
				'/dev/random': '/dev/random',
				'/dev/hwrng': '/dev/hwrng',
			},
		}),
		max_bytes: integer({
			label: 'Random Number Quota (Bytes)',
			help: 'How much the guest may read in each period. 0 removes the limit, which can exhaust the host.',
			default: 1024,
		}),
		period: integer({
			label: 'Random Number Period (ms)',
			help: 'How often the quota is renewed',
			default: 1000,
		}),
	},
});

export const security = group({
	name: 'security',
	label: 'Security',
	help: 'AMD SEV, Intel TDX, random numbers',
	fields: { rng0: randomNumbers, 'amd-sev': amdSev, 'intel-tdx': intelTdx },
});
