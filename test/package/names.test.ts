import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { properties } from '../../nodes/ProxmoxVe/resources/describe';
import { properties as notificationProperties } from '../../nodes/ProxmoxVeNotificationTrigger/properties';
import { properties as triggerProperties } from '../../nodes/ProxmoxVeTrigger/properties';

type Part = INodeProperties | INodePropertyCollection | INodePropertyOptions;

/** Every name that a workflow may hold, with the values of the choices. */
function namesOf(parts: readonly Part[], path = ''): string[] {
	return parts.flatMap((part) => {
		if ('values' in part) return namesOf(part.values, `${path}${part.name}[].`);
		if (!('type' in part)) return [];
		const own = `${path}${part.name}: ${part.type}`;
		if (part.type === 'options' || part.type === 'multiOptions') {
			return [
				`${own} = ${(part.options ?? []).map((option) => ('value' in option ? String(option.value) : '')).join(' | ')}`,
			];
		}
		return [own, ...namesOf(part.options ?? [], `${path}${part.name}.`)];
	});
}

it('keeps the parameter names of version 1: workflows hold them, so none may change or go', () => {
	expect([...new Set(namesOf(properties))].sort().join('\n')).toMatchSnapshot();
});

it('keeps those of the trigger', () => {
	expect(namesOf(triggerProperties).sort().join('\n')).toMatchSnapshot();
});

it('keeps those of the notification trigger', () => {
	expect(namesOf(notificationProperties).sort().join('\n')).toMatchSnapshot();
});

it('shows no name twice together', () => {
	const twice = (parts: readonly Part[], path: string): string[] =>
		parts.flatMap((part, index) => {
			const nested =
				'values' in part
					? part.values
					: 'options' in part && part.type !== 'options'
						? (part.options ?? [])
						: [];
			const display = (one: Part) =>
				JSON.stringify('displayOptions' in one ? one.displayOptions : undefined);
			const same = parts.findIndex(
				(other) => other.name === part.name && display(other) === display(part),
			);
			return [
				...(same === index || !('type' in part) ? [] : [`${path}${part.name}`]),
				...twice(nested, `${path}${part.name}.`),
			];
		});
	expect(twice(properties, '')).toEqual([]);
});
