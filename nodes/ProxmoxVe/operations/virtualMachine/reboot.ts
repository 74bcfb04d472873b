import { rebootFields } from '../../catalogue/actions';
import { optionValues } from '../../form/readOptions';
import { vmProperty } from '../../form/sharedProperties';
import { SHUTDOWN_TIMEOUT, shutdownWaitProperties } from '../../form/shutdownProperties';
import { encodeFields } from '../../wire/encodeFields';
import { followPower } from '../followPower';
import { locateVm, vmPath } from '../locateVm';
import { emit, type Operation } from '../operation';
import { readAction } from '../readAction';

const CHANGE = { what: 'reboot', wanted: 'running', types: ['qmreboot'] } as const;

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/reboot`. */
export const reboot: Operation = {
	value: 'reboot',
	name: 'Reboot',
	action: 'Reboot a virtual machine',
	description:
		'Shut down the guest of a running virtual machine and start it again, which also puts pending changes into effect. Fails where it is stopped.',
	properties: [vmProperty, ...shutdownWaitProperties],
	async execute(item) {
		const values = readAction(item, rebootFields, { timeout: optionValues(item.get)[SHUTDOWN_TIMEOUT] });
		const place = await locateVm(item);
		const task = await followPower(item, place, CHANGE, async () =>
			await item.run.client.post<string>(`${vmPath(place)}/status/reboot`, encodeFields(values)),
		);
		return emit({ ...place, ...task });
	},
};
