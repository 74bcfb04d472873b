import { decimal, flag, group, text } from '../fields';

/** The parameter holds a template on create, and a backup on restore. */
const archive = {
	ostemplate: text({
		label: 'Template',
		help: 'The template or OCI image to create the container from. The node downloads it if it is not there.',
		required: true,
		maxLength: 255,
		pathRootOnly: true,
		picker: 'searchTemplates',
		placeholder: 'local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst',
	}),
};

const bandwidthLimit = {
	bwlimit: decimal({
		label: 'Bandwidth Limit (KiB/s)',
		help: 'For unpacking. 0 means no limit. By default that of the datacenter or storage.',
		min: 0,
	}),
};

/** What a container is made from. */
export const source = group({
	name: 'source',
	label: 'Template',
	help: 'Storage for a download, unpacking',
	fields: {
		...archive,
		'ignore-unpack-errors': flag({
			label: 'Ignore Unpack Errors',
			help: 'Whether to create the container even if its archive cannot be unpacked completely',
		}),
		...bandwidthLimit,
	},
});

export const restore = group({
	name: 'restore',
	label: 'Restore',
	help: 'Target storage, overwrite, new MAC addresses',
	fields: {
		...source.fields,
		restore: flag({
			label: 'Restore',
			help: 'Whether the archive is a backup',
		}),
		storage: text({
			label: 'Target Storage',
			help: 'For all volumes. If not set, Proxmox uses the storage local.',
			format: 'pve-storage-id',
			default: 'local',
			picker: 'searchContainerStorages',
			placeholder: 'local-lvm',
		}),
		force: flag({
			label: 'Overwrite',
			help: 'Whether to replace the container that has the ID. Its volumes are lost.',
		}),
		unique: flag({
			label: 'Unique',
			help: 'Whether the container gets new MAC addresses',
			requires: 'restore',
		}),
	},
});
