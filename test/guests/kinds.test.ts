/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import ts from 'typescript';

import { isOfKind } from '../../nodes/ProxmoxVe/api/backups';
import { guestPath, guestsPath } from '../../nodes/ProxmoxVe/api/paths';
import { catalogueOf, fieldOf } from '../../nodes/ProxmoxVe/catalogue/catalogue';
import { device, family, group, integer, text } from '../../nodes/ProxmoxVe/catalogue/fields';
import { qemu } from '../../nodes/ProxmoxVe/catalogue/qemu';
import { createForm } from '../../nodes/ProxmoxVe/form/Form';
import { readRequest } from '../../nodes/ProxmoxVe/form/readRequest';
import {
	anyKind,
	guestKinds,
	RESOURCES_OF_ANY_KIND,
	type GuestKind,
} from '../../nodes/ProxmoxVe/guests/kinds';
import { resources } from '../../nodes/ProxmoxVe/resources';
import { decodeConfig } from '../../nodes/ProxmoxVe/wire/decodeConfig';
import { encodeBody } from '../../nodes/ProxmoxVe/wire/encodeBody';
import { readParameters } from '../../nodes/ProxmoxVe/wire/readParameters';
import { requirementsOf } from '../../nodes/ProxmoxVe/wire/requirements';

const NODES = join(__dirname, '../../nodes');
/** Its own table, and the tables, property texts and examples of one kind. */
const MAY_NAME_A_KIND = [
	/^ProxmoxVe\/guests\/kinds\.ts$/,
	/^ProxmoxVe\/catalogue\/[a-z]+\//,
	// Names of CPU models, and of the guest agent in other tools.
	/^ProxmoxVe\/wire\/(?:cpuModels|synonyms)\.ts$/,
	// The trigger has no room for kinds: it compares rows of a list, and calls no path of a guest.
	/^ProxmoxVeTrigger\//,
];
/** The rows of kinds, what a resource shows and reads itself, and the property files of the panel. */
const MAY_IMPORT_A_CATALOGUE =
	/^ProxmoxVe\/(?:catalogue\/|guests\/kinds\.ts$|resources\/|form\/(?:\w+Properties|backupSource)\.ts$)/;
/** A kind in a path, a list or a folder, and the types of its tasks. */
const KIND =
	/(?<![\w.-])(?:qemu|lxc)(?![\w-])(?!\/qemu-ga\.conf)|\b(?:qemu-server|vzdump-(?:qemu|lxc))\b|^(?:qm|vz(?!dump|tmpl$))[a-z]+$/;
/** Examples of backups in the panel. */
const EXAMPLE =
	/local:backup\/vzdump-(?:qemu-100-2026_01_02-03_04_05\.vma|lxc-300-2026_01_02-03_04_05\.tar)\.zst/g;

/** The texts of a source: string literals, templates and regular expressions; neither comments nor imports. */
function literalsOf(source: string): string[] {
	const texts: string[] = [];
	const visit = (node: ts.Node): void => {
		if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
		if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return;
		if (
			ts.isStringLiteralLike(node) ||
			ts.isRegularExpressionLiteral(node) ||
			ts.isTemplateHead(node) ||
			ts.isTemplateMiddle(node) ||
			ts.isTemplateTail(node)
		)
			texts.push(node.text);
		ts.forEachChild(node, visit);
	};
	visit(ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest));
	return texts;
}

/** The texts of a source that name a kind of guest. */
const namesIn = (source: string): string[] =>
	/qemu|lxc|qm|vz/.test(source)
		? literalsOf(source).filter((one) => KIND.test(one.replace(EXAMPLE, '')))
		: [];

/** A made-up kind: a row and a small catalogue are all it takes. */
const limits = group({
	name: 'general',
	label: 'General',
	fields: {
		hostname: text({ label: 'Host Name', format: 'dns-name' }),
		memory: integer({ label: 'Memory (MiB)', min: 16 }),
		'mp[n]': family({
			label: 'Mount Point',
			count: 256,
			item: device({
				label: 'Mount Point',
				defaultKey: 'volume',
				fields: {
					volume: text({ label: 'Volume', required: true }),
					mp: text({ label: 'Path', required: true, since: '9.2' }),
				},
			}),
		}),
	},
});
const catalogue = catalogueOf({
	parameters: {
		node: text({ label: 'Node', required: true, format: 'pve-node' }),
		vmid: integer({ label: 'CT ID', min: 100 }),
		ostemplate: text({ label: 'Template' }),
		...limits.fields,
	},
	groups: { create: [limits], restore: [limits], update: [limits] },
	untypedOnUpdate: [],
	alwaysShown: [{ property: 'hostname', parameter: 'hostname' }],
	name: 'hostname',
	archive: 'ostemplate',
	cloudInit: [],
	diskFamilies: [],
	profiles: {},
	changeFields: {},
	synonyms: { name: 'hostname' },
});
const container: GuestKind = {
	...guestKinds.lxc,
	type: 'lxc',
	label: 'CT',
	noun: 'container',
	other: 'a virtual machine',
	backupGroup: 'ct',
	taskTypes: {
		clone: 'vzclone',
		configure: 'vzconfig',
		create: 'vzcreate',
		deleteSnapshot: 'vzdelsnapshot',
		destroy: 'vzdestroy',
		hibernate: 'vzsuspend',
		migrate: 'vzmigrate',
		moveDisk: 'move_volume',
		reboot: 'vzreboot',
		reset: 'vzreset',
		restore: 'vzrestore',
		resume: 'vzresume',
		rollback: 'vzrollback',
		shutdown: 'vzshutdown',
		snapshot: 'vzsnapshot',
		start: 'vzstart',
		stop: 'vzstop',
		suspend: 'vzsuspend',
		template: 'vztemplate',
	},
	reservedSnapshots: ['current', 'vzdump'],
	catalogue,
};

describe('guests/kinds.ts', () => {
	it('says which resources take guests of any kind, for their lists', () =>
		expect(resources.filter(({ kind }) => kind === anyKind).map(({ value }) => value)).toEqual(
			RESOURCES_OF_ANY_KIND,
		));

	it('is the only place that names a kind of guest', () => {
		const named = readdirSync(NODES, { recursive: true, encoding: 'utf8' })
			.map((file) => file.split(sep).join('/'))
			.filter((file) => file.endsWith('.ts') && !MAY_NAME_A_KIND.some((one) => one.test(file)))
			.flatMap((file) =>
				namesIn(readFileSync(join(NODES, file), 'utf8')).map(
					(name) =>
						`nodes/${file} has "${name}": take it from a row of guests/kinds.ts (item.kind, or guest.kind)`,
				),
			);
		expect(named).toEqual([]);
	});

	it('nothing between the panel and the API imports the catalogue of a kind: it is passed as an argument', () => {
		const importing = readdirSync(NODES, { recursive: true, encoding: 'utf8' })
			.map((file) => file.split(sep).join('/'))
			.filter((file) => file.endsWith('.ts') && !MAY_IMPORT_A_CATALOGUE.test(file))
			.filter((file) =>
				/from '[./]*catalogue\/(?!catalogue'|fields'|image')\w+'/.test(
					readFileSync(join(NODES, file), 'utf8'),
				),
			);
		expect(importing).toEqual([]);
	});

	it.each([
		"const path = '/nodes/pve1/qemu';",
		'const path = `/nodes/${node}/qemu/${vmid}`;',
		"const isVm = guest.type === 'qemu';",
		"const types = ['qmstart'];",
		"const types = ['vzcreate'];",
		'const file = /qemu-server\\/100/;',
		'const url = `#v1:0:=qemu%2F${vmid}`;',
		"const backup = 'vzdump-qemu-';",
	])('%s would be found', (source) => {
		expect(namesIn(source)).toHaveLength(1);
	});

	it.each([
		'// Source: `GET /nodes/{node}/qemu`',
		"import { qemu } from '../catalogue/qemu';",
		"const load = async () => await import('../catalogue/qemu');",
		"const task = 'vzdump';",
		"const help = 'The QEMU guest agent';",
		"const example = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';",
	])('%s names none', (source) => {
		expect(namesIn(source)).toEqual([]);
	});

	it('each row is filed under its own type', () => {
		for (const [name, { type }] of Object.entries(guestKinds)) expect(type).toBe(name);
	});
});

describe('the catalogue of a made-up kind', () => {
	const given = {
		node: 'pve1',
		vmid: 300,
		hostname: 'web-1',
		memory: '512',
		mp3: { volume: 'local-lvm:8', mp: '/data' },
	};

	it('reads, encodes and decodes its parameters', () => {
		const { parameters, problems } = readParameters(catalogue, given);
		expect(problems).toEqual([]);
		const body = encodeBody(catalogue, parameters);
		expect(body).toEqual({
			node: 'pve1',
			vmid: '300',
			hostname: 'web-1',
			memory: '512',
			mp3: 'local-lvm:8,mp=/data',
		});
		expect(decodeConfig(catalogue, body)).toEqual({ ...given, memory: 512 });
		expect(requirementsOf(catalogue, parameters)).toEqual([
			{ parameter: 'mp3', sub: 'mp', since: '9.2' },
		]);
	});

	it('does not know the parameters of another kind', () => {
		const { problems } = readParameters(catalogue, { ...given, scsi0: 'local-lvm:8', name: 'web' });
		expect(problems.map(({ parameter }) => parameter)).toEqual(['scsi0', 'name']);
		expect(problems[1]?.message).toContain('did you mean hostname?');
		expect(fieldOf(qemu, 'mp3')).toBeUndefined();
		expect(fieldOf(qemu, 'hostname')).toBeUndefined();
	});

	it.each(['create', 'restore'] as const)('is read from the form of a %s', (purpose) => {
		const entered: Record<string, unknown> = {
			node: 'pve1',
			options: { node: 'pve1' },
			hostname: 'web-1',
			archive: 'local:backup/x.tar.zst',
			general: { memory: 512 },
			mpList: { values: [{ volume: 'local-lvm:8', mp: '/data', options: { slot: 3 } }] },
		};
		const form = createForm((name, fallback) => entered[name] ?? fallback);
		expect(readRequest(catalogue, purpose, form)).toMatchObject({
			node: 'pve1',
			name: 'web-1',
			...(purpose === 'restore' ? { archive: 'local:backup/x.tar.zst' } : {}),
			warnings: [],
			parameters: {
				hostname: 'web-1',
				...(purpose === 'restore' ? { ostemplate: 'local:backup/x.tar.zst' } : {}),
				memory: 512,
				mp3: { volume: 'local-lvm:8', mp: '/data' },
			},
		});
		expect(form.problems).toEqual([]);
	});
});

describe('the row of a made-up kind', () => {
	it('makes its paths', () => {
		expect(guestsPath(container, 'pve1')).toBe('/nodes/pve1/lxc');
		expect(guestPath({ kind: container, node: 'pve1', vmid: 300 })).toBe('/nodes/pve1/lxc/300');
		expect(guestPath({ kind: guestKinds.qemu, node: 'pve1', vmid: 100 })).toBe(
			'/nodes/pve1/qemu/100',
		);
	});

	it.each([
		['local:backup/vzdump-lxc-300-2026_01_02-03_04_05.tar.zst', undefined, true],
		['pbs:backup/ct/300/2026-01-02T03:04:05Z', undefined, true],
		['pbs:backup/anything', 'lxc', true],
		['local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst', undefined, false],
		['pbs:backup/vm/100/2026-01-02T03:04:05Z', undefined, false],
		['pbs:backup/ct/300/2026-01-02T03:04:05Z', 'qemu', false],
	])('knows its backups: %s, subtype %s', (volid, subtype, isIts) => {
		const volume = { volid, ...(subtype === undefined ? {} : { subtype }) };
		expect(isOfKind(container)(volume)).toBe(isIts);
		expect(isOfKind(guestKinds.qemu)(volume)).toBe(!isIts);
	});
});
