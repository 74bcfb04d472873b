import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { guestKinds } from '../../guests/kinds';
import { propertyInWordsOf } from '../../runtime/inWordsOf';

/** What is waited for with a guest agent, which containers do not have. */
const BY_AGENT = ['agent', 'cloudInit'];
/** A failed restore of a container leaves nothing behind. */
const ONLY_FOR_VMS = ['cleanUp'];

const isOption = (one: unknown): one is INodeProperties =>
	typeof one === 'object' && one !== null && 'type' in one;

/** A property of operations on VMs for those on containers: in their words, without what they do not have. */
export function forContainers(property: INodeProperties): INodeProperties {
	const options = property.options
		?.filter((one) => !(isOption(one) && ONLY_FOR_VMS.includes(one.name)))
		.map((one) => {
			if (!isOption(one)) return one;
			if (one.name !== 'waitUntil') return one;
			return {
				...one,
				options: one.options?.filter(
					(choice) => !BY_AGENT.includes(String((choice as INodePropertyOptions).value)),
				),
				description: 'By default Task Finished',
			};
		});
	return propertyInWordsOf(guestKinds.lxc, {
		...property,
		...(options === undefined ? {} : { options: options as INodeProperties['options'] }),
	});
}
