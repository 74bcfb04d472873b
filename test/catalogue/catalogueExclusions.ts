/**
 * What the catalogue leaves out of `POST /nodes/{node}/qemu` on purpose, as `parameter` or
 * `parameter.subOption`, and why. An entry that the API no longer has, or that the catalogue has
 * by now, fails the test.
 */
export const catalogueExclusions: Readonly<Record<string, string>> = {
	'cpu.reported-model':
		"belongs to custom CPU models: in a VM Proxmox refuses every value (Property 'reported-model' not allowed in VM-specific CPU config)",
};
