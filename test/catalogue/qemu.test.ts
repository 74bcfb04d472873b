/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldOf, type ParametersOf } from '../../nodes/ProxmoxVe/catalogue/catalogue';
import { qemu } from '../../nodes/ProxmoxVe/catalogue/qemu';
import { network } from '../../nodes/ProxmoxVe/catalogue/qemu/network';
import type { Field, Group, PlainField } from '../../nodes/ProxmoxVe/catalogue/fields';
import { cpuModels } from '../../nodes/ProxmoxVe/wire/cpuModels';
import { compare, type Truth } from './differences';
import { fromPerl } from './perlPattern';
import { familySlots } from '../../tools/emulator/contract/families';
import { createEndpoint } from '../../tools/emulator/contract/facts';
import { beyondSchema } from './beyondSchema';
import { describeFields } from './describeFields';
import { catalogueExclusions } from './catalogueExclusions';
import { rootOnly } from './rootOnly';

const {
	parameters,
	groups: { create: createGroups, restore: restoreGroups },
} = qemu;
type VmParameters = ParametersOf<typeof qemu>;

interface ValidationLine {
	param: string;
	form: Record<string, string>;
	ok: boolean;
	errors: Record<string, string>;
}

const truth: Truth = {
	kind: 'qemu',
	groups: [...createGroups, ...restoreGroups],
	releases: [
		{ since: '7.4', documented: '7.4' },
		{ since: '8.4', documented: '8.4' },
		{ since: '9.2', documented: '9.2' },
	],
	parameters: createEndpoint.parameters,
	familySlots,
	rootOnly,
	beyondSchema,
	exclusions: catalogueExclusions,
};
const catalogue: Readonly<Record<string, Field>> = parameters;
const comparison = compare(catalogue, truth);
const validation = readFileSync(join(__dirname, '../../tools/facts/validation.jsonl'), 'utf8')
	.trim()
	.split('\n')
	.map((line): ValidationLine => JSON.parse(line));

const allGroups: readonly Group[] = [...createGroups, ...restoreGroups];
const itemOf = (field: Field): Exclude<Field, { kind: 'family' }> =>
	field.kind === 'family' ? field.item : field;

/** The labels that the editor lists together in a group: single devices are taken apart. */
const labelsIn = (group: Group): string[] =>
	Object.values(group.fields).flatMap((field) =>
		field.kind === 'device' && !field.asText
			? Object.values(field.fields).map(({ label }) => label)
			: [field.label],
	);

const repeated = (values: readonly string[]): string[] =>
	values.filter((value, index) => values.indexOf(value) !== index);

describe('the catalogue agrees with the API', () => {
	const { parameters: names, subOptions } = comparison;

	it(`covers ${names.covered} of ${names.total} parameters (${names.excluded} excluded) and ${subOptions.covered} of ${subOptions.total} sub-options (${subOptions.excluded} excluded), and differs in nothing`, () => {
		expect(comparison.differences).toEqual([]);
	});

	it('has as many slots in each family as requests have shown', () => {
		const unknown = 'property is not defined in schema';
		const wrong = Object.entries(catalogue).flatMap(([name, field]) => {
			if (field.kind !== 'family') return [];
			const slotOf = new RegExp(`^${name.replace('[n]', '')}(0|[1-9]\\d*)$`);
			return validation.flatMap(({ form, errors }) =>
				Object.keys(form).flatMap((key) => {
					const slot = slotOf.exec(key)?.[1];
					if (slot === undefined) return [];
					const isKnown = !errors[key]?.startsWith(unknown);
					return isKnown === Number(slot) < field.count
						? []
						: [
								`${key} is ${isKnown ? 'known' : 'unknown'} to the API, and ${name} has count: ${field.count}`,
							];
				}),
			);
		});
		expect(wrong).toEqual([]);
	});

	it('knows the CPU models that the API knows', () => {
		// The schema lists them only where they cannot be used: for the model that a custom one reports.
		const qemuModels = createEndpoint.parameters.cpu?.subOptions?.['reported-model']?.enum ?? [];
		const ofProxmox = cpuModels.filter((model) => !qemuModels.includes(model));
		expect(qemuModels.filter((model) => !cpuModels.includes(model))).toEqual([]);
		expect(ofProxmox).toEqual(['x86-64-v2', 'x86-64-v2-AES', 'x86-64-v3', 'x86-64-v4']);
	});

	it('leaves out nothing that the API takes', () => {
		const taken = Object.keys(catalogueExclusions).flatMap((path) => {
			const [name = '', sub = ''] = path.split('.');
			return validation
				.filter(
					({ form, ok }) =>
						ok &&
						(sub === ''
							? name in form
							: form[name]?.split(',').some((part) => part.startsWith(`${sub}=`))),
				)
				.map(({ form }) => `${path}: ${form[name]}`);
		});
		expect(taken).toEqual([]);
	});
});

describe('the comparison notices', () => {
	const card = network.fields['net[n]'].item;
	const withCard = (
		fields: Readonly<Record<string, PlainField>>,
	): Readonly<Record<string, Field>> => ({
		...parameters,
		'net[n]': { ...network.fields['net[n]'], item: { ...card, fields } },
	});
	const withoutMtu = Object.fromEntries(
		Object.entries(card.fields).filter(([name]) => name !== 'mtu'),
	);
	const differences = (
		fields: Readonly<Record<string, Field>>,
		changed: Partial<Truth> = {},
	): string[] =>
		compare(fields, { ...truth, ...changed }).differences.filter(
			(one) => !comparison.differences.includes(one),
		);

	it('a sub-option that is missing, and says what to add to which file', () => {
		expect(differences(withCard(withoutMtu))).toEqual([
			'net[n].mtu is missing. Add to nodes/ProxmoxVe/catalogue/qemu/network.ts, fields of net[n]: mtu: integer({ label: …, help: …, min: 1, max: 65520 }),',
		]);
	});

	it('a parameter that is missing', () => {
		const { cpulimit, ...rest } = parameters;
		expect(cpulimit.kind).toBe('decimal');
		expect(differences(rest)).toEqual([
			'cpulimit is missing. Add to the group of nodes/ProxmoxVe/catalogue/qemu/ where users would look for it: cpulimit: decimal({ label: …, help: …, min: 0, max: 128, default: 0 }),',
		]);
	});

	it('a limit, an option and a kind that are wrong', () => {
		const where = 'nodes/ProxmoxVe/catalogue/qemu/network.ts, net[n]';
		expect(
			differences(
				withCard({ ...card.fields, mtu: { kind: 'integer', label: 'MTU', min: 1, max: 9000 } }),
			),
		).toEqual([`${where}.mtu: write max: 65520, not 9000`]);
		expect(
			differences({
				...parameters,
				bios: {
					kind: 'choice',
					label: 'BIOS',
					options: { seabios: 'SeaBIOS', coreboot: 'Coreboot' },
					default: 'seabios',
				},
			}),
		).toEqual([
			"nodes/ProxmoxVe/catalogue/qemu/firmware.ts, bios: add to options 'ovmf': …",
			"nodes/ProxmoxVe/catalogue/qemu/firmware.ts, bios: remove the option 'coreboot'",
		]);
		expect(
			differences(withCard({ ...card.fields, tag: { kind: 'text', label: 'VLAN Tag' } })),
		).toEqual([`${where}.tag: must be integer, not text`]);
	});

	it('a family with a wrong number of slots', () => {
		expect(
			differences({ ...parameters, 'net[n]': { ...network.fields['net[n]'], count: 8 } }),
		).toEqual(['nodes/ProxmoxVe/catalogue/qemu/network.ts, net[n]: write count: 32, not 8']);
	});

	it('what the API does not have', () => {
		expect(
			differences(withCard({ ...card.fields, colour: { kind: 'text', label: 'Colour' } })),
		).toEqual([
			'net[n].colour is unknown to the API. Remove it from nodes/ProxmoxVe/catalogue/qemu/network.ts',
		]);
	});

	it('what only root@pam may set, and from which release on', () => {
		const args: Field = { kind: 'text', label: 'QEMU Arguments' };
		expect(differences({ ...parameters, args })).toEqual([
			'nodes/ProxmoxVe/catalogue/qemu/advanced.ts, args: write rootOnly: true (only root@pam may set what test/catalogue/rootOnly.ts lists)',
		]);
		const ciupgrade: Field = { kind: 'flag', label: 'Upgrade Packages', default: true };
		expect(differences({ ...parameters, ciupgrade })).toEqual([
			'nodes/ProxmoxVe/catalogue/qemu/cloudInit.ts, ciupgrade: write since: "8.4"',
		]);
	});

	it('stale exclusions, and those without a reason', () => {
		const exclusions = {
			...catalogueExclusions,
			cores: 'this one is in the catalogue',
			'net[n].colour': 'this one never was in the API',
		};
		expect(differences(parameters, { exclusions })).toEqual([
			'The exclusion cores is stale: the catalogue has it. Remove it from test/catalogue/catalogueExclusions.ts',
			'The exclusion net[n].colour is stale: the API has no such thing. Remove it from test/catalogue/catalogueExclusions.ts',
		]);
		expect(
			differences(withCard(withoutMtu), {
				exclusions: { ...catalogueExclusions, 'net[n].mtu': ' ' },
			}),
		).toEqual([
			'The exclusion net[n].mtu needs a reason. Write it in test/catalogue/catalogueExclusions.ts',
		]);
	});

	it('equal patterns in the writing of Perl and of JavaScript', () => {
		expect(fromPerl('(?^:^0x[0-9a-fA-F]{4}$)')).toBe('0x[0-9a-fA-F]{4}');
		expect(fromPerl('(?^u:a)|(?^u:b{,3})')).toBe('(?:a)|(?:b{0,3})');
		expect(fromPerl('[^/\\.:]+')).toBe('[^/\\.:]+');
	});
});

describe('the groups', () => {
	it('show every parameter, under one definition each', () => {
		const shown = new Map<string, Field>();
		for (const group of allGroups) {
			for (const [name, field] of Object.entries(group.fields)) {
				expect([name, field]).toEqual([name, catalogue[name]]);
				shown.set(name, field);
			}
		}
		expect([...shown.keys()].sort()).toEqual(Object.keys(catalogue).sort());
	});

	it('offer on restore nothing that the API refuses with an archive', () => {
		const refused =
			/^(?:ide|sata|scsi|virtio)\[n\]$|^(?:cdrom|efidisk0|tpmstate0|import-working-storage)$/;
		expect(
			restoreGroups
				.flatMap(({ fields }) => Object.keys(fields))
				.filter((name) => refused.test(name)),
		).toEqual([]);
		const onCreate = new Set(createGroups.flatMap(({ fields }) => Object.keys(fields)));
		const onRestore = new Set(restoreGroups.flatMap(({ fields }) => Object.keys(fields)));
		expect([...onCreate].filter((name) => !onRestore.has(name) && !refused.test(name))).toEqual([]);
		expect([...onRestore].filter((name) => !onCreate.has(name))).toEqual([
			'archive',
			'storage',
			'force',
			'unique',
		]);
	});

	it('have names and labels of their own', () => {
		for (const groups of [createGroups, restoreGroups]) {
			expect(repeated(groups.map(({ name }) => name))).toEqual([]);
			expect(repeated(groups.map(({ label }) => label))).toEqual([]);
		}
		for (const group of allGroups)
			expect([group.name, repeated(labelsIn(group))]).toEqual([group.name, []]);
		for (const [name, field] of Object.entries(catalogue)) {
			const item = itemOf(field);
			if (item.kind === 'device') {
				expect([name, repeated(Object.values(item.fields).map(({ label }) => label))]).toEqual([
					name,
					[],
				]);
			}
		}
	});
});

describeFields(catalogue);

describe('fieldOf', () => {
	it('finds single parameters and slots of families', () => {
		expect(fieldOf(qemu, 'cores')).toEqual({ field: parameters.cores });
		expect(fieldOf(qemu, 'numa')).toEqual({ field: parameters.numa });
		expect(fieldOf(qemu, 'numa7')).toEqual({ field: parameters['numa[n]'], slot: 7 });
		expect(fieldOf(qemu, 'net31')).toEqual({ field: parameters['net[n]'], slot: 31 });
		expect(fieldOf(qemu, 'efidisk0')).toEqual({ field: parameters.efidisk0 });
		expect(fieldOf(qemu, 'smbios1')).toEqual({ field: parameters.smbios1 });
	});

	it.each([
		'net32',
		'net03',
		'net00',
		'net',
		'net[n]',
		'net-1',
		'numa8',
		'parallel3',
		'usb14',
		'efidisk1',
		'nosuch',
		'',
		'0',
		'constructor',
		'toString',
	])('does not know %p', (name) => {
		expect(fieldOf(qemu, name)).toBeUndefined();
	});
});

describe('the types', () => {
	it('follow the tables', () => {
		const vm: VmParameters = {
			vmid: 100,
			bios: 'ovmf',
			numa: true,
			numa0: { cpus: '0-1' },
			net0: { model: 'virtio', bridge: 'vmbr0', tag: 20 },
			scsi30: { file: 'local-lvm:32', mbps: 1.5 },
			memory: { current: 2048 },
			serial0: 'socket',
			hugepages: '1024',
		};
		// @ts-expect-error -- not a firmware that Proxmox has
		const wrongChoice: VmParameters['bios'] = 'coreboot';
		// @ts-expect-error -- a number, not text
		const wrongType: VmParameters['cores'] = '2';
		// @ts-expect-error -- not a model that Proxmox has
		const wrongSubOption: VmParameters['net0'] = { model: 'ne3000' };
		// @ts-expect-error -- not a parameter
		const wrongName: VmParameters = { coers: 2 };
		expect([vm, wrongChoice, wrongType, wrongSubOption, wrongName]).toHaveLength(5);
	});
});
