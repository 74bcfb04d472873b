/** A VM of another system: in an OVA, described by an OVF, or on an ESXi host. */
export interface ForeignGuest {
	name?: string;
	cores?: number;
	sockets?: number;
	/** MiB. */
	memory?: number;
	/** As Proxmox calls it; of an ESXi host Linux unless given. */
	ostype?: string;
	isEfi?: boolean;
	/** Of an ESXi host: the controller that its SCSI disks need. */
	scsihw?: string;
	/** The system UUID of a VM of an ESXi host. */
	uuid?: string;
	disks: ForeignDisk[];
	cards?: Array<{ model: string; macaddr?: string }>;
	/** CD drives of a VM of an ESXi host, by slot, with what is in them. */
	cdroms?: Record<string, string>;
	/** The VM runs on its ESXi host. */
	runs?: boolean;
}

export interface ForeignDisk {
	/** Bus and number: `scsi0`. */
	slot: string;
	/** The file in the archive, or beside the file that describes the VM. */
	file: string;
	/** Bytes. */
	size: number;
	/** Not said by what describes the VM. */
	isSizeUnknown?: boolean;
	/** An installed system with a guest agent is on it. */
	boots?: boolean;
	damage?: 'garbage';
}
