/** A right that a step needs: one of the privileges, on a path. */
export interface Need {
	readonly path: string;
	/** One of them is enough. */
	readonly privileges: readonly string[];
	/** The pool on which it counts as well: that of a new VM. */
	readonly pool?: string;
}

/** What Proxmox asks for each parameter of a VM, on the path of the VM or of the pool that it is to join. */
const OF_PARAMETER: ReadonlyArray<readonly [RegExp, readonly string[]]> = [
	[/^(?:cores|cpu|cpulimit|cpuunits|numa\d*|smp|sockets|vcpus)$/, ['VM.Config.CPU']],
	[/^(?:memory|balloon|shares|allow-ksm)$/, ['VM.Config.Memory']],
	[
		/^(?:acpi|hotplug|kvm|machine|scsihw|smbios1|tablet|vga|watchdog|audio0|rng0|serial\d+|usb\d+|hostpci\d+)$/,
		['VM.Config.HWType'],
	],
	[
		/^(?:agent|autostart|bios|description|keyboard|localtime|migrate_downtime|migrate_speed|name|onboot|ostype|protection|reboot|startdate|startup|tags|tdf|template)$/,
		['VM.Config.Options'],
	],
	[/^(?:freeze|start)$/, ['VM.PowerMgmt']],
	[/^(?:boot|bootdisk|vmstatestorage|virtiofs\d+)$/, ['VM.Config.Disk']],
	[/^net\d+$/, ['VM.Config.Network']],
	[
		/^(?:cicustom|cipassword|citype|ciuser|ciupgrade|nameserver|searchdomain|sshkeys|ipconfig\d+)$/,
		['VM.Config.Cloudinit', 'VM.Config.Network'],
	],
];

/** The same of a container, for which it checks fewer, and others. */
const OF_CONTAINER: typeof OF_PARAMETER = [
	[/^(?:cores|cpulimit|cpuunits)$/, ['VM.Config.CPU']],
	[/^(?:memory|swap)$/, ['VM.Config.Memory']],
	[/^(?:hostname|nameserver|searchdomain|net\d+)$/, ['VM.Config.Network']],
	[/^(?:rootfs|mp\d+)$/, ['VM.Config.Disk']],
	[
		/^(?:arch|cmode|console|debug|description|entrypoint|env|lock|onboot|ostype|protection|startup|tags|timezone|tty)$/,
		['VM.Config.Options'],
	],
];

const DRIVE = /^(?:ide|sata|scsi|virtio|efidisk|tpmstate)\d+$/;

/** What a drive needs of a VM that is there; a new VM may have any. */
function ofDrive(value: string): string[] {
	if (/:cloudinit\b/.test(value)) return ['VM.Config.Cloudinit', 'VM.Config.CDROM'];
	return /\bmedia=cdrom\b/.test(value) ? ['VM.Config.CDROM'] : ['VM.Config.Disk'];
}

/**
 * What Proxmox checks for the parameters of a VM that is created, restored or changed.
 * @param body as it is sent
 * @param path `/vms/100`
 * @param isNew whether the VM is created
 * @param isContainer whether it is a container
 */
export function needsOfBody(
	body: Readonly<Record<string, string>>,
	path: string,
	isNew: boolean,
	isContainer = false,
): Need[] {
	const pool = body.pool === undefined ? {} : { pool: body.pool };
	const needs: Need[] = [];
	const add = (at: string, privileges: readonly string[], on: { pool?: string } = {}): void => {
		if (!needs.some((need) => need.path === at && need.privileges.join() === privileges.join()))
			needs.push({ path: at, privileges, ...on });
	};
	for (const [name, value] of Object.entries(body)) {
		const table = isContainer ? OF_CONTAINER : OF_PARAMETER;
		const privileges = table.find(([names]) => names.test(name))?.[1];
		if (privileges) add(path, privileges, pool);
		if (DRIVE.test(name) || (isContainer && /^(?:rootfs|mp\d+)$/.test(name))) {
			if (!isNew && !isContainer) for (const one of ofDrive(value)) add(path, [one]);
			const storage = /^(?:(?:file|volume)=)?([\w.-]+):\d+(?:\.\d+)?(?:,|$)/.exec(value)?.[1];
			if (storage !== undefined) add(`/storage/${storage}`, ['Datastore.AllocateSpace']);
		}
		// Bridges of nodes are in this zone; which one a VNet is in only Proxmox knows.
		const [, bridge] = /^net\d+$/.test(name) ? (/(?:^|,)bridge=(vmbr\w+)/.exec(value) ?? []) : [];
		const tag = /(?:^|,)tag=(\d+)/.exec(value)?.[1];
		if (bridge !== undefined)
			add(`/sdn/zones/localnetwork/${bridge}${tag === undefined ? '' : `/${tag}`}`, ['SDN.Use']);
		const mapping = /(?:^|,)mapping=([\w.-]+)/.exec(value)?.[1];
		const kind = /^(usb|hostpci)\d+$/.exec(name)?.[1];
		if (mapping !== undefined && kind !== undefined)
			add(`/mapping/${kind === 'usb' ? 'usb' : 'pci'}/${mapping}`, ['Mapping.Use']);
	}
	if (isContainer ? body.unprivileged === '0' : body.startup !== undefined)
		add('/', ['Sys.Modify']);
	if (body['ha-managed'] === '1') add('/', ['Sys.Console']);
	return needs;
}
