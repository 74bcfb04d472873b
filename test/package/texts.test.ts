/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test, neither shipped nor scanned */
import { runInNewContext } from 'node:vm';

import { ProxmoxVeApi } from '../../credentials/ProxmoxVeApi.credentials';
import { ProxmoxVePasswordApi } from '../../credentials/ProxmoxVePasswordApi.credentials';
import { ProxmoxVe } from '../../nodes/ProxmoxVe/ProxmoxVe.node';
import { resources } from '../../nodes/ProxmoxVe/resources';
import { subtitleExpression } from '../../nodes/ProxmoxVe/resources/describe';
import { subtitleExpression as triggerSubtitle } from '../../nodes/ProxmoxVeTrigger/properties';
import { subtitleExpression as notificationSubtitle } from '../../nodes/ProxmoxVeNotificationTrigger/properties';
import { ProxmoxVeNotificationTrigger } from '../../nodes/ProxmoxVeNotificationTrigger/ProxmoxVeNotificationTrigger.node';
import { ProxmoxVeTrigger } from '../../nodes/ProxmoxVeTrigger/ProxmoxVeTrigger.node';

const KEYS = ['displayName', 'description', 'action', 'placeholder', 'hint', 'name'];

/** All texts that n8n shows, as `key: text`. */
function textsOf(value: unknown): string[] {
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, item]) =>
		typeof item === 'string' && KEYS.includes(key) ? [`${key}: ${item}`] : textsOf(item),
	);
}

const texts = [
	...new Set(
		[
			new ProxmoxVe().description,
			new ProxmoxVeTrigger().description,
			new ProxmoxVeNotificationTrigger().description,
			new ProxmoxVeApi().properties,
			new ProxmoxVePasswordApi().properties,
		].flatMap(textsOf),
	),
];
/** n8n shows about 60 characters in its list. */
const isLong = (text: string): boolean => text.length > 60 || /[.;]/.test(text);
const having = (pattern: RegExp): string[] => texts.filter((text) => pattern.test(text));

describe('the texts of the panel', () => {
	it('are not empty', () => expect(texts.length).toBeGreaterThan(500));

	it('use plain words', () =>
		expect(
			having(
				/\b(?:told|tells?|stands? for|begun|lack(?:s|ing)?|another's|nobody|whoever|so many|of its own|in the making|is to be|for want of|puts? out|break off)\b/i,
			),
		).toEqual([]));

	it('have one short clause for each operation, which n8n does not cut off', () => {
		const operations = resources.flatMap(({ operations: all }) => all);
		expect(operations.map(({ description }) => description).filter(isLong)).toEqual([]);
	});

	it('have the labels of operation and resource under each node', () => {
		const shown = (expression: string, $parameter: object): unknown =>
			runInNewContext(expression.slice(3, -2), { $parameter });
		for (const { value: resource, name, operations } of resources)
			for (const one of operations)
				expect(shown(subtitleExpression, { resource, operation: one.value })).toBe(
					`${one.name}: ${name}`,
				);
		expect(shown(triggerSubtitle, { types: [] })).toBe('All finished tasks');
		expect(shown(triggerSubtitle, { types: ['vzdump', 'aptupdate'] })).toBe('Backup, aptupdate');
		expect(shown(notificationSubtitle, { types: [] })).toBe('All notifications');
		expect(shown(notificationSubtitle, { types: ['vzdump', 'fencing'] })).toBe('Backup, Fencing');
		const event = 'guestChanged';
		expect(shown(triggerSubtitle, { event, changes: [] })).toBe('Guest changed');
		expect(shown(triggerSubtitle, { event, changes: ['started'] })).toBe('Guest started');
	});

	it('list the trigger as an action, as n8n looks for it', () => {
		const events = new ProxmoxVeTrigger().description.properties.find(
			({ displayName }) => displayName === 'Trigger On',
		);
		expect(events?.options).toMatchObject([
			{ action: 'On finished task' },
			{ action: 'On VM or container change' },
		]);
	});

	it('have operations without articles', () =>
		expect(having(/^action: .*\b(?:a|an|the)\b/)).toEqual([]));

	it('end a single sentence without a period, and several with one', () => {
		const helps = having(/^description: .*[^>]$/);
		const isSeveral = (text: string): boolean => /[.?] [A-Z\d]/.test(text);
		expect(helps.filter((text) => text.endsWith('.') !== isSeveral(text))).toEqual([]);
		expect(helps.filter((text) => text.includes('..'))).toEqual([]);
	});

	it('have placeholders that are examples, the default of Proxmox or what empty means', () => {
		const empty = ['unchanged', 'as in the backup', 'as in the image'];
		const defaults = ['cdn', 'now', 'kvm64', '1', '512', ...empty];
		expect(
			having(/^placeholder: (?!e\.g\. |Add |-----BEGIN)/).filter(
				(text) => !defaults.includes(text.replace('placeholder: ', '')),
			),
		).toEqual([]);
	});
});
