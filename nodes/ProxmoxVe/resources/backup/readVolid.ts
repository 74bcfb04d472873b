import type { Form } from '../../form/Form';

/** A volume ID of a backup. The API deletes and changes other volumes by the same requests: disks, too. */
const BACKUP = /^[a-z][\w.-]*:backup\/\S/i;

/** Backup: which one to work on. */
export const readVolid = (form: Form): string =>
	form.text(
		'volid',
		'Backup',
		(given) => BACKUP.test(given),
		'the volume ID of a backup, such as local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst',
	);
