import { shutdownFields } from '../../catalogue/actions';
import { optionValues } from '../../form/readOptions';
import { vmProperty } from '../../form/sharedProperties';
import { forceStopProperty, SHUTDOWN_TIMEOUT, shutdownWaitProperties } from '../../form/shutdownProperties';
import { encodeFields } from '../../wire/encodeFields';
import { followPower } from '../followPower';
import { locateVm, vmPath } from '../locateVm';
import { emit, type Operation } from '../operation';
import { readAction } from '../readAction';

const CHANGE = { what: 'shutdown', wanted: 'stopped', types: ['qmshutdown', 'hastop'] } as const;

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/shutdown`. */
export const shutdown: Operation = {
	value: 'shutdown',
	name: 'Shutdown',
	action: 'Shut down a virtual machine',
	description:
		'Ask the guest of a virtual machine to shut down, wait for it, and turn it off where it does not in time if that is asked for. One that is stopped stays so.',
	properties: [vmProperty, forceStopProperty, ...shutdownWaitProperties],
	async execute(item) {
		const given = { forceStop: item.get('forceStop', false), timeout: optionValues(item.get)[SHUTDOWN_TIMEOUT] };
		const values = readAction(item, shutdownFields, given);
		const place = await locateVm(item);
		const task = await followPower(item, place, CHANGE, async () =>
			await item.run.client.post<string>(`${vmPath(place)}/status/shutdown`, encodeFields(values)),
		);
		return emit({ ...place, ...task });
	},
};
