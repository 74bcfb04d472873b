/** What `npx gulp docs` writes, from the built catalogue. */
const { guestKinds } = require('../dist/nodes/ProxmoxVe/guests/kinds');
const { BUSES } = require('../dist/nodes/ProxmoxVe/form/disks');
const { helpOf } = require('../dist/nodes/ProxmoxVe/form/describeField');
const { resources } = require('../dist/nodes/ProxmoxVe/resources');

const escape = (text) => text.replace(/\|/g, '\\|').replace(/</g, '&lt;');
const code = (text) => `\`${text}\``;

/** What a field takes, in a few words. */
function valuesOf(field) {
	switch (field.kind) {
		case 'flag':
			return 'yes or no';
		case 'integer':
		case 'decimal': {
			const what = field.kind === 'integer' ? 'whole number' : 'number';
			if (field.min !== undefined && field.max !== undefined)
				return `${what}, ${field.min} to ${field.max}`;
			return field.min === undefined ? what : `${what}, at least ${field.min}`;
		}
		case 'choice': {
			const names = Object.keys(field.options);
			return names.length > 16
				? `one of ${names.length}: ${names.slice(0, 16).map(code).join(', ')} …`
				: names.map(code).join(', ');
		}
		case 'list':
			return `list, joined by ${field.separator === ' ' ? 'spaces' : code(field.separator)}`;
		case 'sshKeys':
			return 'public keys, one per line';
		case 'base64':
			return 'text (sent as base64)';
		case 'device':
			return `a property string of Proxmox`;
		default:
			return field.placeholder ? `text, such as ${code(field.placeholder)}` : 'text';
	}
}

/** The default of Proxmox for a new VM, as a sentence; nothing where it has none. */
function defaultOf({ kind, default: value, options }) {
	if (value === undefined) return '';
	const shown =
		kind === 'flag' ? (value ? 'on' : 'off') : kind === 'choice' ? options[value] : value;
	return `Default: ${shown}.`;
}

const withPeriod = (text) => (text === '' || /[.!?]$/.test(text) ? text : `${text}.`);

/** The help of the panel, and the default. */
function aboutOf(field) {
	const byDefault = defaultOf(field);
	return byDefault === '' ? helpOf(field) : `${withPeriod(helpOf(field))} ${byDefault}`.trim();
}

const row = (label, name, field) =>
	`| ${escape(label)} | ${code(name)} | ${escape(valuesOf(field))} | ${escape(aboutOf(field))} |`;

function rowsOf(name, field) {
	if (field.kind === 'device' && !field.asText) {
		return Object.entries(field.fields).map(([sub, subField]) =>
			row(subField.label, `${name}: ${sub}`, subField),
		);
	}
	if (field.kind === 'family' && field.item.kind === 'device') {
		return [
			`| **${escape(field.label)}** | ${code(name)} | list, slots 0 to ${field.count - 1} | ${escape(helpOf(field))} |`,
			...Object.entries(field.item.fields).map(([sub, subField]) =>
				row(`${field.label} → ${subField.label}`, `${name}: ${sub}`, subField),
			),
		];
	}
	if (field.kind === 'family') return [row(field.label, name, { ...field.item, help: field.help })];
	return [row(field.label, name, field)];
}

function sectionOf(group) {
	const rows = Object.entries(group.fields).flatMap(([name, field]) => rowsOf(name, field));
	const head = ['| Field | In the API | Takes | What it does |', '| --- | --- | --- | --- |'];
	return [
		`### ${group.label}`,
		'',
		...(group.help ? [`${group.help.replace(/\.$/, '')}.`, ''] : []),
		...head,
		...rows,
		'',
	].join('\n');
}

/** What a profile sets, as a table of API names. */
function profileOf({
	label,
	help,
	parameters,
	disk: { bus, ...disk } = {},
	volumes = {},
	hasCloudInit,
}) {
	const text = (value) =>
		typeof value === 'object'
			? Object.entries(value)
					.map(([key, one]) => `${key}=${one === true ? 1 : one}`)
					.join(',')
			: String(value);
	const onStorage = (name, value) => [name, `${text(value)}, on the storage of the first disk`];
	const rows = [
		...Object.entries(parameters).map(([name, value]) => [name, text(value)]),
		...(bus === undefined ? [] : [['bus of disks', BUSES[bus]]]),
		...(Object.keys(disk).length > 0 ? [['each new or imported disk', text(disk)]] : []),
		...Object.entries(volumes).map(([name, value]) => onStorage(name, value)),
		...(hasCloudInit
			? [
					[
						'ide2',
						'a cloud-init drive on the storage of the first disk (a free SCSI slot if the machine is not i440fx)',
					],
					['ipconfig[n]', 'ip=dhcp for each network card'],
					['boot', 'the first disk'],
				]
			: bus === undefined
				? []
				: [
						[
							'boot',
							'the first disk, the CD drives in the order of the list, the first network card',
						],
					]),
	];
	const cells = rows.map(([name, value]) =>
		name.includes(' ') ? `| ${name} | ${value} |` : `| \`${name}\` | ${value} |`,
	);
	return [
		`#### ${label}`,
		'',
		`${help.replace(/\.$/, '')}.`,
		'',
		'| Parameter | Set to |',
		'| --- | --- |',
		...cells,
		'',
	].join('\n');
}

/** The profiles of a kind of guest: only VMs have disks and a boot order. */
const ABOUT_PROFILES = {
	qemu: ' I/O threads are only set on VirtIO Block, and on SCSI with the controller VirtIO SCSI Single.',
	lxc: '',
};

/** The parameters of a kind of guest. */
function kindSection({ noun, type, catalogue }) {
	const { create: createGroups, restore: restoreGroups } = catalogue.groups;
	const groups = [
		...createGroups,
		...restoreGroups.filter((group) => !createGroups.some(({ name }) => name === group.name)),
	];
	const title = `${noun.charAt(0).toUpperCase()}${noun.slice(1)}`;
	return [
		`## ${title}`,
		'',
		`Every parameter of \`POST /nodes/{node}/${type}\`.`,
		'',
		...groups.map(sectionOf),
		`### Profiles of a ${noun}`,
		'',
		`What the field *Profile* of Create adds. Settings that you make win, sub-option by sub-option; with *None* nothing is added.${ABOUT_PROFILES[type]} *Options → Preview* shows the whole request.`,
		'',
		...Object.values(catalogue.profiles).map(profileOf),
	];
}

/** docs/parameters.md. */
const parametersDocument = () =>
	[
		'# Parameters',
		'',
		'The parameters of a new [virtual machine](#virtual-machine) and of a new [container](#container), with their fields in the node and their names in the API, which are also the keys in JSON mode. Restore and Update have those of them that the API takes there.',
		'In JSON mode, a device (such as `net[n]: model`) can be an object, `{"net0": {"model": "virtio"}}`, or a property string, `{"net0": "virtio,bridge=vmbr0"}`.',
		'This page is generated from the catalogues by `npx gulp docs`; a test fails if it is out of date.',
		'',
		...Object.values(guestKinds).flatMap(kindSection),
	].join('\n');

/** The type of a property, in a few words. */
function kindOf(property) {
	switch (property.type) {
		case 'boolean':
			return `yes or no (${property.default ? 'yes' : 'no'})`;
		case 'options':
			return property.options.map(({ name }) => name).join(', ');
		case 'multiOptions':
			return `any of ${property.options.map(({ name }) => name).join(', ')}`;
		case 'resourceLocator':
			return 'from a list, or as text';
		case 'collection':
			return `options: ${property.options.map((option) => option.displayName).join(', ')}`;
		case 'fixedCollection':
			return 'list';
		default:
			return property.type;
	}
}

/** What a property does, or what it means if it is empty, and what each of its choices does that says so. */
function purposeOf({ placeholder = 'e.g. ', type, options = [], ...property }) {
	const isExample = /^(e\.g\. |Add )/.test(placeholder);
	const { description = isExample ? '' : `If empty: ${placeholder}` } = property;
	if (type !== 'options') return description;
	const choices = options
		.filter((choice) => choice.description)
		.map((choice) => `*${choice.name}*: ${choice.description.replace(/\.$/, '')}.`);
	const sentence = description === '' || /\.$/.test(description) ? description : `${description}.`;
	return choices.length === 0 ? description : [sentence, ...choices].filter(Boolean).join(' ');
}

function operationSection(operation) {
	// A field that differs between modes occurs once per mode.
	const shown = operation.properties.filter(
		({ name }, index, all) => all.findIndex((other) => other.name === name) === index,
	);
	const rows = shown.map(
		(property) =>
			`| ${escape(property.displayName)} | ${code(property.name)} | ${escape(kindOf(property))} | ${escape(purposeOf(property))} |`,
	);
	return [
		`### ${operation.name}`,
		'',
		`${operation.description}. ${operation.details}`,
		'',
		...(operation.outputs ? [`Outputs: ${operation.outputs.join(', ')}.`, ''] : []),
		'| Field | Name | Takes | What it does |',
		'| --- | --- | --- | --- |',
		...rows,
		'',
	].join('\n');
}

/** The help of each option, once for all operations that have it. */
function optionsSection() {
	const rows = new Set();
	for (const { operations } of resources) {
		for (const { name, type, options } of operations.flatMap(({ properties }) => properties)) {
			if (type !== 'collection' || !['options', 'filters'].includes(name)) continue;
			for (const option of options)
				rows.add(
					`| ${escape(option.displayName)} | ${code(option.name)} | ${escape(kindOf(option))} | ${escape(purposeOf(option))} |`,
				);
		}
	}
	return [
		'## Options',
		'',
		'The options and filters of all operations. Options with the same name and different help are listed once for each.',
		'',
		'| Option | Name | Takes | What it does |',
		'| --- | --- | --- | --- |',
		...[...rows].sort((a, b) => a.localeCompare(b, 'en')),
		'',
	].join('\n');
}

/** docs/operations.md. */
const operationsDocument = () =>
	[
		'# Operations',
		'',
		'What the node can do, by resource. This page is generated from the operations by `npx gulp docs`; a test fails if it is out of date.',
		'Every operation that starts a task in Proxmox has *Wait for Completion*, or *Options → Wait Until* if it can also wait for the guest. It logs the UPID as soon as Proxmox has accepted the task, and includes it in its output and its errors. [Options](#options) explains the options of all operations. *Allowed Guests*, the last field of every operation on guests (in Create under *More Settings*), limits it to some guests: see [AI agents](ai-agents.md).',
		'',
		...resources.flatMap((resource) => [
			`## ${resource.name}`,
			'',
			...resource.operations.map(operationSection),
		]),
		optionsSection(),
	].join('\n');

/** The table of operations for the README. */
const operationsTable = () =>
	[
		'| Resource | Operations |',
		'| --- | --- |',
		...resources.map(
			({ name, operations }) =>
				`| [${name}](docs/operations.md#${name.toLowerCase().replace(/ /g, '-')}) | ${operations.map((operation) => operation.name).join(', ')} |`,
		),
	].join('\n');

const BEGIN = '<!-- operations: generated by npx gulp docs -->';
const END = '<!-- /operations -->';

/** The README with an updated table of operations. */
function withOperations(readme) {
	const [before, rest] = readme.split(BEGIN);
	const after = rest?.split(END)[1];
	if (after === undefined)
		throw new Error(`README.md has no section for the operations: ${BEGIN} … ${END}`);
	return `${before}${BEGIN}\n${operationsTable()}\n${END}${after}`;
}

module.exports = { parametersDocument, operationsDocument, withOperations };
