/** The size in a drive as Proxmox writes it, such as `32G` of `local-lvm:vm-100-disk-0,size=32G`. */
export const diskSize = (drive: unknown): string | undefined =>
	/\bsize=([^,]+)/.exec(String(drive ?? ''))?.[1];
