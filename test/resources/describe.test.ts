import type { INodeProperties } from 'n8n-workflow';

import { resources } from '../../nodes/ProxmoxVe/resources';
import { properties } from '../../nodes/ProxmoxVe/resources/describe';

const shownFor = (property: INodeProperties, key: string): unknown[] => [
	...(property.displayOptions?.show?.[key] ?? []),
];

describe('the properties of the node', () => {
	/** What an operation says differently from another one of its resource, though the name is the same. */
	const DIFFERENT: Readonly<Record<string, string>> = {
		binaryPropertyName: 'Read File puts a file there, and Write File takes one from there',
		allowedGuests: 'Create shows it if it was chosen or is set',
		options: 'each operation has its own options',
		node: 'JSON may have the node, so it is required beside the fields only',
		vmJson: 'each operation has its own example',
		name: 'empty means something else for each operation',
		hostname: 'as for name',
		cores: 'as for name',
		memory_current: 'as for name',
		snapname: 'Create names a new snapshot, the others choose one',
		storage: 'Move Disk moves to it',
		start: 'the help of Restore says restored',
		diskSource: 'the profile decides its default',
		diskSize: 'the profile decides its default',
		moreSettings: 'each operation has its own groups',
		netList: 'Create has a field for one card beside it, and Update shows the list at once',
		additionalParameters: 'JSON mode has no More Settings',
		general: 'Update leaves out what only a new VM takes',
		disks: 'Update and Restore leave out what only a new VM takes',
		firmware: 'Restore leaves out the disks of the firmware',
		diskList: 'Create has fields for one disk beside it, Update has a source more',
		cloudInitFiles: 'Create shows them under More Settings',
		bridge: 'Clone moves the card of the original',
		ciuser: 'Clone has no profile, and says what the original has',
		sshkeys: 'as for ciuser',
		otherParameters: 'Clone has a list of all parameters',
		content: 'Download shows it for a URL alone',
		filters: 'Prune has its own',
		gateway: 'Create hides it beside DHCP',
		backupStorage: 'it is shown beside fields, and beside JSON for the newest backup',
	};

	it('a property that several operations of a resource share is defined once', () => {
		const copies = resources.flatMap(({ value }) => {
			const own = properties.filter((one) => shownFor(one, 'resource').includes(value));
			const names = own.map(({ name }) => name);
			return names.filter((name, at) => names.indexOf(name) !== at);
		});
		// Two with one name are two fields to n8n: let both operations use one object, or say above why they differ.
		expect([...new Set(copies)].sort()).toEqual(Object.keys(DIFFERENT).sort());
	});

	it('every property of an operation is shown for it, once and in its order', () => {
		for (const { value: resource, operations } of resources) {
			for (const operation of operations) {
				const shown = properties.filter(
					(one) =>
						one.name !== 'allowedGuests' &&
						shownFor(one, 'resource').includes(resource) &&
						shownFor(one, 'operation').includes(operation.value),
				);
				expect(shown.map(({ name }) => name)).toEqual(operation.properties.map(({ name }) => name));
			}
		}
	});
});
