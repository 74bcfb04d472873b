import { isOutcomeUnknown, PveError } from '../../api/errors';
import { guestPath } from '../../api/paths';
import { disksLike } from '../../guests/changeDisk';
import { readCurrentConfig } from '../../guests/currentConfig';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import { UnknownOutcomeError } from '../../runtime/errors';
import type { Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';

/** Source: `PUT /nodes/{node}/qemu/{vmid}/cloudinit`, which is done when it answers. */
export const execute: Execute = async (item) => {
	const { run, form } = item;
	const guest = form.guest();
	const isPreview = form.previewing();
	form.check();

	const place = await locateVm(item, guest);
	const path = `${guestPath(place)}/cloudinit`;
	// Proxmox answers OK for a VM without such a drive too.
	const present = await readCurrentConfig(item, place);
	if (!/cloudinit/.test(disksLike(present, /^(?:ide|sata|scsi)\d+$/)))
		throw new Error(
			`VM ${place.vmid} has no cloud-init drive. Add one with Update, as a disk with the source Cloud-Init Drive`,
		);
	if (isPreview) return await emitPreview(item, [{ method: 'PUT', path }]);
	await run
		.gate(place.node, async () => await run.client.put<null>(path, {}))
		.catch((error: unknown) => {
			throw error instanceof PveError && isOutcomeUnknown(error)
				? new UnknownOutcomeError(
						error,
						`request to regenerate the cloud-init drive of VM ${place.vmid} on ${place.node}`,
						[],
					)
				: error;
		});
	return await emitGuest(item, place, { regenerated: true });
};
