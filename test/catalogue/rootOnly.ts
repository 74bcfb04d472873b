/**
 * Parameters that only root@pam with a ticket may set, never a token: `500 only root can set
 * 'arch' config`. The API's schema does not say so.
 * Source: qemu-server `PVE/API2/Qemu.pm`, what `check_vm_modify_config_perm` knows no privilege for.
 */
export const rootOnly: readonly string[] = [
	'affinity',
	'amd-sev',
	'arch',
	'args',
	'hookscript',
	'hugepages',
	'intel-tdx',
	'ivshmem',
	'keephugepages',
	'lock',
	'parallel[n]',
	'spice_enhancements',
	'vmgenid',
];

/**
 * The same of a container. Of `features` only some flags are root's, and of volumes only paths.
 * Source: pve-container `PVE/LXC.pm`, `check_ct_modify_config_perm`.
 */
export const rootOnlyOfContainers: readonly string[] = ['dev[n]', 'hookscript'];
