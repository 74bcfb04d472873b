import { stopFields } from '../../catalogue/actions';
import { plainProperties } from '../../form/describeField';
import { optionValues } from '../../form/readOptions';
import { optionsProperty, vmProperty, waitOptions, waitProperty } from '../../form/sharedProperties';
import { encodeFields } from '../../wire/encodeFields';
import { followPower } from '../followPower';
import { locateVm, vmPath } from '../locateVm';
import { emit, type Operation } from '../operation';
import { readAction } from '../readAction';

const CHANGE = { what: 'stop', wanted: 'stopped', types: ['qmstop', 'hastop'] } as const;

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/stop`. */
export const stop: Operation = {
	value: 'stop',
	name: 'Stop',
	action: 'Stop a virtual machine',
	description:
		'Turn a virtual machine off at once, as by its power switch: the guest may lose data. Shutdown is the gentle way. One that is stopped stays so.',
	properties: [vmProperty, waitProperty, optionsProperty([...waitOptions, ...plainProperties(Object.entries(stopFields))])],
	async execute(item) {
		const values = readAction(item, stopFields, optionValues(item.get));
		const place = await locateVm(item);
		const task = await followPower(item, place, CHANGE, async () =>
			await item.run.client.post<string>(`${vmPath(place)}/status/stop`, encodeFields(values)),
		);
		return emit({ ...place, ...task });
	},
};
