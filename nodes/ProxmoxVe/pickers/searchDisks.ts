import { diskSize } from '../api/diskSize';
import { searchOf } from './list';

const DISK = /^(?:(?:ide|sata|scsi|virtio)\d+|efidisk0|tpmstate0|rootfs|mp\d+)$/;

/** Disks of the chosen VM or volumes of the container, without its CD drives. Source: `GET /nodes/{node}/qemu/{vmid}/config`. */
export const searchDisks = searchOf(async ({ client, chosenGuest }) => {
	const { data } = await client.get<Record<string, unknown>>(`${await chosenGuest()}/config`);
	return Object.entries(data)
		.filter(([name, drive]) => DISK.test(name) && !/media=cdrom/.test(String(drive)))
		.map(([name, drive]) => {
			const [volume = ''] = String(drive).split(',');
			const size = diskSize(drive);
			return {
				name: `${name} (${size === undefined ? volume : `${volume}, ${size}`})`,
				value: name,
			};
		});
});
