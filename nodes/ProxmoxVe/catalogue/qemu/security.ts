import { choice, device, flag, group, integer } from '../fields';

const amdSev = device({
	label: 'AMD SEV',
	help: 'Memory encryption by AMD processors: std, es or snp. Needs OVMF.',
	since: '8.4',
	rootOnly: true,
	defaultKey: 'type',
	primary: ['type'],
	fields: {
		type: choice({
			label: 'AMD SEV Type',
			help: 'ES also encrypts the CPU state, SNP also protects integrity. Needs OVMF.',
			required: true,
			options: { std: 'SEV', es: 'SEV-ES', snp: 'SEV-SNP' },
		}),
		'no-debug': flag({
			label: 'AMD SEV Forbid Debugging',
			default: false,
		}),
		'no-key-sharing': flag({
			label: 'AMD SEV Forbid Key Sharing',
			help: 'Whether to forbid it. Not for SEV-SNP.',
			default: false,
		}),
		'allow-smt': flag({
			label: 'AMD SEV Allow SMT',
			help: 'Whether SMT may be active. SEV-SNP only.',
			default: true,
		}),
		'kernel-hashes': flag({
			label: 'AMD SEV Kernel Hashes',
			default: false,
		}),
	},
});

const intelTdx = device({
	label: 'Intel TDX',
	help: 'Shields the VM from the host. Needs OVMF.',
	since: '9.2',
	rootOnly: true,
	defaultKey: 'type',
	primary: ['type', 'attestation'],
	fields: {
		type: choice({
			label: 'Intel TDX',
			help: 'Shields the VM from the host. Needs OVMF.',
			required: true,
			options: { tdx: 'TDX' },
		}),
		attestation: flag({
			label: 'Intel TDX Attestation',
			help: 'Whether the guest can prove its state. Required.',
			required: true,
			default: true,
		}),
		'vsock-cid': integer({
			label: 'Intel TDX Quote Service CID',
			help: '2 is the host',
			min: 2,
			default: 2,
		}),
		'vsock-port': integer({
			label: 'Intel TDX Quote Service Port',
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
			required: true,
			options: {
				'/dev/urandom': '/dev/urandom',
				'/dev/random': '/dev/random',
				'/dev/hwrng': '/dev/hwrng',
			},
		}),
		max_bytes: integer({
			label: 'Random Number Quota (Bytes)',
			help: 'Per period. 0 means no limit.',
			default: 1024,
		}),
		period: integer({
			label: 'Random Number Period (ms)',
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
