import type { IDataObject, INodeParameters, INodeProperties } from 'n8n-workflow';

import { resources } from '../../nodes/ProxmoxVe/resources';
import type { Operation, Resource } from '../../nodes/ProxmoxVe/runtime/operation';
import { addContainer, addTemplate, TEMPLATE } from '../support/containerLab';
import { howMany } from '../support/howMany';
import { openLab, type Lab } from '../support/lab';

const picked = (value: unknown) => ({ __rl: true, mode: 'list', value });

/** Properties that no wrong value can be given to, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
	moreSettings: 'says which groups the editor shows, and is not read',
	idempotencyKey: 'any text is a key; what is no text has a test of its own',
};

/** Right values of what an operation needs. */
const RIGHT: IDataObject = {
	archive: picked('local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst'),
	backupVm: picked('100'),
	command: 'true',
	disk: picked('scsi0'),
	diskSize: 1,
	file: '/etc/hostname',
	image: picked('local:import/cloud.qcow2'),
	importFrom: picked('local:import/appliance.ova'),
	imageUrl: 'https://images.example/debian.qcow2',
	ip: '192.0.2.10/24',
	name: 'right-name',
	newId: 7002,
	node: picked('pve1'),
	ostemplate: picked(TEMPLATE),
	password: 'right-password',
	path: '/version',
	pattern: 'auto-*',
	pool: picked('dev'),
	program: 'true',
	size: '+1G',
	snapname: 'before',
	storage: picked('local'),
	url: 'https://images.example/debian.qcow2',
	userData: '#cloud-config\nhostname: web-1\n',
	target: picked('pve2'),
	unusedDisk: picked('unused0'),
	username: 'root',
	upid: 'UPID:pve1:000019FA:000E976D:6B042C6E:qmstart:100:root@pam:',
	vm: picked('100'),
	vmId: '7001',
	vmids: '100',
	volid: picked('local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst'),
};

/** Right values of the fields of a disk, and of an additional parameter. */
const ENTRY: IDataObject = {
	image: picked('local:import/cloud.qcow2'),
	iso: picked('local:iso/debian.iso'),
	name: 'brand-new',
	size: 1,
	source: 'new',
	storage: picked('local'),
	value: '1',
	volume: 'local:100/vm-100-disk-0.raw',
	options: { bus: 'virtio' },
};

/** Labels of errors that are not the editor's, but say which field it is. */
const LABELS: Readonly<Record<string, string>> = {
	newId: 'New VM ID',
	'parameters[].name': 'Parameters',
	'parameters[].value': 'Parameters',
	vmId: 'VM ID',
};

/** What else must be chosen for a field to count. */
const COUNTS_WITH: Readonly<Record<string, INodeParameters>> = {
	backupStorage: { backupSource: 'newest' },
	imageDownload: { diskSource: 'url' },
};

/** A value that a field of this type never takes. */
const WRONG: Readonly<Record<string, readonly unknown[]>> = {
	boolean: ['maybe', 2, [true]],
	json: ['[1]', 5],
	multiOptions: [['no-such']],
	number: ['0x64', '1e2', 'abc', [100], Number.NaN],
	options: ['no-such', ['x']],
	resourceLocator: [picked(['x']), picked({ a: 1 })],
	string: [{ a: 1 }, [{ a: 1 }]],
};

interface Case {
	readonly path: string;
	readonly label: string;
	readonly parameters: INodeParameters;
}

/** Some of the values, others for another path: all of one type have one reader. */
function someOf<Value>(values: readonly Value[], path: string, count: number): Value[] {
	const start = path.length % Math.max(1, values.length);
	return [...values.slice(start), ...values.slice(0, start)].slice(0, count);
}

/** What must be chosen for a property to be shown. */
function shownWith({ displayOptions }: INodeProperties): IDataObject {
	return Object.fromEntries(
		Object.entries(displayOptions?.show ?? {}).map(([name, values = []]) => [
			name,
			name === 'moreSettings' ? values : values[0],
		]),
	) as IDataObject;
}

/** Every field of a property, with wrong values of its type. @param place puts a value of the property into the parameters */
function casesOf(
	property: INodeProperties,
	path: string,
	place: (value: unknown, beside: IDataObject) => INodeParameters,
): Case[] {
	const { name, type, displayName } = property;
	if (name in EXCEPTIONS || type === 'notice') return [];
	const beside = { ...shownWith(property), ...(COUNTS_WITH[property.name] as IDataObject) };
	if (type === 'collection') {
		return (property.options as INodeProperties[]).flatMap((option) =>
			casesOf(option, `${path}.${option.name}`, (value) => place({ [option.name]: value }, beside)),
		);
	}
	if (type === 'fixedCollection') {
		const [list] = property.options as Array<{ name: string; values: INodeProperties[] }>;
		return (list?.values ?? []).flatMap((field) =>
			casesOf(field, `${path}[].${field.name}`, (value, others) => {
				const defaults = Object.fromEntries(
					(list?.values ?? []).map((one) => [one.name, ENTRY[one.name] ?? one.default]),
				);
				return place(
					{ [list?.name ?? '']: [{ ...defaults, ...others, [field.name]: value }] },
					beside,
				);
			}),
		);
	}
	// All of one type are read by one reader: a different wrong value for each is enough.
	const values = WRONG[type] ?? [];
	const isOwn = !path.includes('.') || path.startsWith('options.') || path.startsWith('filters.');
	return someOf(values, path, isOwn ? howMany(1, values.length) : 1).map((value) => ({
		path: `${path} = ${JSON.stringify(value)}`,
		label: LABELS[path] ?? LABELS[name] ?? displayName,
		parameters: { ...place(value, beside), ...COUNTS_WITH[name] },
	}));
}

/** Settings of the VM, which an expression may leave out; all else counts as soon as it is there. */
const MAY_BE_NOTHING = [
	'name',
	'hostname',
	'cores',
	'memory_current',
	'delete',
	'iso',
	'driversIso',
	'ciuser',
	'cipassword',
	'password',
	'sshkeys',
];

/** Every field and added option of a property, as an expression that gives nothing. */
function emptyCases(property: INodeProperties, base: INodeParameters): Case[] {
	const { name, type, displayName } = property;
	if (['notice', 'fixedCollection'].includes(type) || name in EXCEPTIONS) return [];
	if (MAY_BE_NOTHING.includes(name) && property.required !== true) return [];
	const place = (path: string, label: string, value: unknown): Case => ({
		path,
		label: LABELS[path] ?? label,
		parameters: {
			...base,
			...(shownWith(property) as INodeParameters),
			...COUNTS_WITH[name],
			[name]: value,
		} as INodeParameters,
	});
	const empty = (field: INodeProperties, value: string): unknown =>
		field.type === 'resourceLocator' ? picked(value) : value;
	const nothing = someOf(['={{ undefined }}', '={{ null }}'], name, howMany(1, 2));
	return nothing.flatMap((value) => {
		if (type !== 'collection')
			return [place(`${name} = ${value}`, LABELS[name] ?? displayName, empty(property, value))];
		// A VM's settings may be nothing, what is done with it may not.
		const added = ['options', 'filters'].includes(name)
			? (property.options as INodeProperties[])
			: [];
		return added.map((option) =>
			place(`${name}.${option.name} = ${value}`, option.displayName, {
				[option.name]: empty(option, value),
			}),
		);
	});
}

const operations = resources.flatMap((resource) =>
	resource.operations.map((operation) => ({ resource, operation })),
);

let lab: Lab;
/** The ID of a container. */
let container: number;

/** Right values of all that an operation needs. */
const rightOf = (resource: Resource, operation: Operation): INodeParameters =>
	({
		...RIGHT,
		...(resource.value === 'container'
			? { disk: picked('rootfs'), vm: picked(String(container)) }
			: {}),
		resource: resource.value,
		operation: operation.value,
	}) as INodeParameters;

beforeAll(async () => {
	lab = await openLab();
	addTemplate(lab.emulator);
	container = addContainer(lab.emulator);
});
afterAll(async () => await lab.close());

/** Runs a case. @returns what is wrong with the outcome; undefined for a refusal by the label, with nothing sent */
async function faultOf({ label, parameters }: Case): Promise<string | undefined> {
	const before = lab.emulator.requests.length;
	const { error } = await lab.run(parameters);
	const sent = lab.emulator.requests.slice(before).filter(({ method }) => method !== 'GET');
	if (sent.length > 0)
		return `sent ${sent.map(({ method, path }) => `${method} ${path}`).join(', ')}`;
	if (!error) return 'was taken';
	const isContainer = parameters.resource === 'container';
	const wanted = isContainer ? label.replace('VM', 'CT') : label;
	const text = `${error.message}\n${'description' in error ? String(error.description) : ''}`;
	return text.includes(wanted) ? undefined : `does not name "${wanted}": ${text.slice(0, 200)}`;
}

describe('a wrong value of each field', () => {
	it.each(
		operations.map(
			({ resource, operation }) =>
				[`${resource.name} → ${operation.name}`, resource, operation] as const,
		),
	)('of %s is refused by its label, and nothing is sent', async (_name, resource, operation) => {
		const base = rightOf(resource, operation);
		const cases = operation.properties.flatMap((property) =>
			casesOf(
				property,
				property.name,
				(value, beside) =>
					({ ...base, ...(beside as INodeParameters), [property.name]: value }) as INodeParameters,
			),
		);
		const faults: string[] = [];
		for (const one of cases) {
			const fault = await faultOf(one);
			if (fault !== undefined) faults.push(`${one.path} ${fault}`);
		}
		expect(faults).toEqual([]);
		expect(cases.length).toBeGreaterThan(0);
	});

	it.each(
		operations.map(
			({ resource, operation }) =>
				[`${resource.name} → ${operation.name}`, resource, operation] as const,
		),
	)(
		'an expression of %s that returns nothing is rejected by its label',
		async (_name, resource, operation) => {
			const base = rightOf(resource, operation);
			const cases = operation.properties.flatMap((property) => emptyCases(property, base));
			const faults: string[] = [];
			for (const one of cases) {
				const fault = await faultOf(one);
				if (fault !== undefined) faults.push(`${one.path} ${fault}`);
			}
			expect(faults).toEqual([]);
		},
	);

	it('of Authentication is refused by its label', async () => {
		expect(
			await faultOf({
				path: 'authentication',
				label: 'Authentication',
				parameters: { authentication: 'no-such' },
			}),
		).toBeUndefined();
	});
});
