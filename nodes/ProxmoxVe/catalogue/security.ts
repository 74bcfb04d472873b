import { choice, device, flag, group, integer } from './fields';

const amdSev = device({
	label: 'AMD SEV',
	help: 'Memory encryption by AMD processors. Needs OVMF and a host that has it.',
	since: '8.4',
	rootOnly: true,
	defaultKey: 'type',
	primary: ['type'],
	fields: {
		type: choice({
			label: 'AMD SEV Type',
			help: 'Encrypts the memory (SEV), the CPU state too (SEV-ES), or guards against tampering as well (SEV-SNP). Needs OVMF.',
			required: true,
			options: { std: 'SEV', es: 'SEV-ES', snp: 'SEV-SNP' },
		}),
		'no-debug': flag({
			label: 'AMD SEV Forbid Debugging',
			help: 'Whether the host is kept from debugging the guest',
			default: false,
		}),
		'no-key-sharing': flag({
			label: 'AMD SEV Forbid Key Sharing',
			help: 'Whether the key may not be shared with other guests. Without meaning for SEV-SNP.',
			default: false,
		}),
		'allow-smt': flag({
			label: 'AMD SEV Allow SMT',
			help: 'Whether the host may use simultaneous multithreading, for SEV-SNP alone',
			default: true,
		}),
		'kernel-hashes': flag({
			label: 'AMD SEV Kernel Hashes',
			help: 'Whether hashes of a kernel given on the command line are measured at launch',
			default: false,
		}),
	},
});

const intelTdx = device({
	label: 'Intel TDX',
	help: 'A trust domain: memory and CPU state kept from the host by Intel processors',
	since: '9.2',
	rootOnly: true,
	defaultKey: 'type',
	primary: ['type', 'attestation'],
	fields: {
		type: choice({
			label: 'Intel TDX',
			help: 'Keeps memory and CPU state from the host. Needs OVMF and a host that has it.',
			required: true,
			options: { tdx: 'TDX' },
		}),
		attestation: flag({
			label: 'Intel TDX Attestation',
			help: 'Whether the guest can prove what it is by a quote of the host. Needed with Intel TDX.',
			required: true,
			default: true,
		}),
		'vsock-cid': integer({
			label: 'Intel TDX Quote Service CID',
			help: 'The vsock address of the service that makes the quotes; 2 is the host',
			min: 2,
			default: 2,
		}),
		'vsock-port': integer({
			label: 'Intel TDX Quote Service Port',
			help: 'The vsock port of the service that makes the quotes',
			min: 0,
			default: 4050,
		}),
	},
});

const randomNumbers = device({
	label: 'Random Number Generator',
	help: 'A VirtIO device that gives the guest random numbers of the host',
	defaultKey: 'source',
	primary: ['source'],
	fields: {
		source: choice({
			label: 'Random Number Source',
			help: 'Where the host takes the random numbers from: /dev/urandom suits nearly all, /dev/hwrng needs a generator in the host and the privilege Mapping.Use on /mapping/hwrng',
			required: true,
			options: { '/dev/urandom': '/dev/urandom', '/dev/random': '/dev/random', '/dev/hwrng': '/dev/hwrng' },
		}),
		max_bytes: integer({
			label: 'Random Number Quota (Bytes)',
			help: 'What the guest may draw in each period. 0 sets no limit, and may starve the host.',
			default: 1024,
		}),
		period: integer({
			label: 'Random Number Period (ms)',
			help: 'After this time the quota is renewed',
			default: 1000,
		}),
	},
});

export const security = group({
	name: 'security',
	label: 'Security',
	help: 'Confidential computing and random numbers',
	fields: { rng0: randomNumbers, 'amd-sev': amdSev, 'intel-tdx': intelTdx },
});
