/** What a field must say although the schema in api-facts.json does not, and how we know. */
export interface BeyondSchema {
	readonly required?: true;
	readonly format?: string;
	readonly because: string;
}

/** Rules of Proxmox's own checks that its schema does not tell, by `parameter` or `parameter.subOption`. */
export const beyondSchema: Readonly<Record<string, BeyondSchema>> = {
	'cpu.cputype': {
		required: true,
		format: 'pve-vm-cpu-type',
		because:
			"the check of pve-vm-cpu-conf refuses a CPU without one ('CPU is missing cputype'), and one it does not know, though the schema has it optional and free",
	},
};
