/** What `npx gulp docs` writes, from the built catalogue. */
const { createGroups, restoreGroups } = require('../dist/nodes/ProxmoxVe/catalogue');
const { helpOf } = require('../dist/nodes/ProxmoxVe/form/describeField');

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
			if (field.min !== undefined && field.max !== undefined) return `${what}, ${field.min} to ${field.max}`;
			return field.min === undefined ? what : `${what}, at least ${field.min}`;
		}
		case 'choice': {
			const names = Object.keys(field.options);
			return names.length > 16 ? `one of ${names.length}: ${names.slice(0, 16).map(code).join(', ')} …` : names.map(code).join(', ');
		}
		case 'list':
			return `list, joined by ${field.separator === ' ' ? 'spaces' : code(field.separator)}`;
		case 'sshKeys':
			return 'public keys, one a line';
		case 'base64':
			return 'text (sent as base64)';
		case 'device':
			return `text in the form of Proxmox`;
		default:
			return field.placeholder ? `text, such as ${code(field.placeholder)}` : 'text';
	}
}

const row = (label, name, field) =>
	`| ${escape(label)} | ${code(name)} | ${escape(valuesOf(field))} | ${escape(helpOf(field))} |`;

function rowsOf(name, field) {
	if (field.kind === 'device' && !field.asText) {
		return Object.entries(field.fields).map(([sub, subField]) => row(subField.label, `${name}: ${sub}`, subField));
	}
	if (field.kind === 'family' && field.item.kind === 'device') {
		return [
			`| **${escape(field.label)}** | ${code(name)} | list, slots 0 to ${field.count - 1} | ${escape(helpOf(field))} |`,
			...Object.entries(field.item.fields).map(([sub, subField]) => row(`${field.label} → ${subField.label}`, `${name}: ${sub}`, subField)),
		];
	}
	if (field.kind === 'family') return [row(field.label, name, { ...field.item, help: field.help })];
	return [row(field.label, name, field)];
}

function sectionOf(group) {
	const rows = Object.entries(group.fields).flatMap(([name, field]) => rowsOf(name, field));
	const head = ['| Field | In the API | Takes | What it does |', '| --- | --- | --- | --- |'];
	return [`## ${group.label}`, '', ...(group.help ? [`${group.help}.`, ''] : []), ...head, ...rows, ''].join('\n');
}

/** The document's text. */
function parametersDocument() {
	const groups = [...createGroups, ...restoreGroups.filter((group) => !createGroups.some(({ name }) => name === group.name))];
	return [
		'# Parameters',
		'',
		'Every parameter of `POST /nodes/{node}/qemu`, as the fields of the node and as the keys of its JSON mode call it.',
		'A device (`net[n]: model` and its like) is an object in JSON, `{"net0": {"model": "virtio"}}`, or a text in the form of Proxmox, `{"net0": "virtio,bridge=vmbr0"}`.',
		'This page is made from the catalogue by `npx gulp docs`; a test holds it to it.',
		'',
		...groups.map(sectionOf),
	].join('\n');
}

module.exports = { parametersDocument };
