import { fieldOf, type ParametersOf } from '../../nodes/ProxmoxVe/catalogue/catalogue';
import { lxc } from '../../nodes/ProxmoxVe/catalogue/lxc';
import type { Field } from '../../nodes/ProxmoxVe/catalogue/fields';
import { nearest } from '../../nodes/ProxmoxVe/wire/nearest';
import { requirementsOf } from '../../nodes/ProxmoxVe/wire/requirements';
import { findEndpoint } from '../../tools/emulator/contract/facts';
import { compare, type Truth } from './differences';
import { describeFields } from './describeFields';
import { rootOnlyOfContainers } from './rootOnly';

const { parameters, groups } = lxc;
const catalogue: Readonly<Record<string, Field>> = parameters;

const truth: Truth = {
	kind: 'lxc',
	groups: [...groups.create, ...groups.restore],
	releases: [
		{ since: '7.4', documented: '7.4' },
		{ since: '8.4', documented: '8.4' },
		{ since: '9.0', documented: '9.0' },
		{ since: '9.1', documented: '9.1' },
		{ since: '9.2', documented: '2026-04-30' },
	],
	parameters: findEndpoint('POST', '/nodes/{node}/lxc')?.parameters ?? {},
	familySlots: { dev: 256, mp: 256, net: 32, unused: 256 },
	rootOnly: rootOnlyOfContainers,
	beyondSchema: {},
	exclusions: {},
};

describe('the catalogue of containers agrees with the API', () => {
	const { parameters: names, subOptions, differences } = compare(catalogue, truth);

	it(`covers ${names.covered} of ${names.total} parameters and ${subOptions.covered} of ${subOptions.total} sub-options, and differs in nothing`, () => {
		expect(differences).toEqual([]);
	});

	it('shows every parameter in a group, under one definition', () => {
		const shown = new Map<string, Field>();
		for (const group of truth.groups) {
			for (const [name, field] of Object.entries(group.fields)) {
				expect([name, field]).toEqual([name, catalogue[name]]);
				shown.set(name, field);
			}
		}
		expect([...shown.keys()].sort()).toEqual(Object.keys(catalogue).sort());
	});

	it('offers on restore all but what Proxmox ignores with a backup', () => {
		const onCreate = new Set(groups.create.flatMap(({ fields }) => Object.keys(fields)));
		const onRestore = new Set(groups.restore.flatMap(({ fields }) => Object.keys(fields)));
		expect([...onCreate].filter((name) => !onRestore.has(name))).toEqual([
			'password',
			'ssh-public-keys',
		]);
		expect([...onRestore].filter((name) => !onCreate.has(name))).toEqual([
			'restore',
			'storage',
			'force',
			'unique',
		]);
	});

	it('changes with Update only what the API changes', () => {
		const accepted = findEndpoint('PUT', '/nodes/{node}/lxc/{vmid}/config')?.parameters ?? {};
		const offered = groups.update.flatMap(({ fields }) => Object.keys(fields));
		expect(offered.filter((name) => !(name in accepted))).toEqual([]);
		const missing = Object.keys(accepted).filter(
			(name) => !offered.includes(name) && !(name in lxc.changeFields),
		);
		// A template is made by an operation, and a new root file system would never work.
		expect(missing.sort()).toEqual(['node', 'rootfs', 'template', 'unprivileged', 'vmid']);
	});
});

describeFields(catalogue);

describe('fieldOf', () => {
	it('finds single parameters and slots of families', () => {
		expect(fieldOf(lxc, 'rootfs')).toEqual({ field: parameters.rootfs });
		expect(fieldOf(lxc, 'mp255')).toEqual({ field: parameters['mp[n]'], slot: 255 });
		expect(fieldOf(lxc, 'dev0')).toEqual({ field: parameters['dev[n]'], slot: 0 });
	});

	it.each(['mp256', 'mp01', 'mp', 'scsi0', 'sshkeys', 'archive', 'lxc'])(
		'does not know %p',
		(name) => expect(fieldOf(lxc, name)).toBeUndefined(),
	);
});

describe('what only root@pam may set', () => {
	type Container = ParametersOf<typeof lxc>;
	const rootOnly = (given: Container): string[] =>
		requirementsOf(lxc, given)
			.filter((one) => one.rootOnly)
			.map(({ parameter, sub }) => (sub === undefined ? parameter : `${parameter}.${sub}`));

	it.each<[string, Container, string[]]>([
		['nesting of an unprivileged container', { features: { nesting: true } }, []],
		['another feature', { features: { nesting: true, keyctl: true } }, ['features.keyctl']],
		[
			'any feature of a privileged container',
			{ unprivileged: false, features: { nesting: true } },
			['features'],
		],
		['a volume', { mp0: { volume: 'local:8', mp: '/data' } }, []],
		['a path of the host', { mp0: { volume: '/srv', mp: '/data' } }, ['mp0.volume']],
		['a template', { ostemplate: 'local:vztmpl/a.tar.gz' }, []],
		['a template by its path', { ostemplate: '/tmp/a.tar.gz' }, ['ostemplate']],
		[
			'a device and a hook script',
			{ dev3: { path: '/dev/fuse' }, hookscript: 'local:snippets/a' },
			['dev3', 'hookscript'],
		],
	])('%s', (_, given, names) => expect(rootOnly(given)).toEqual(names));
});

describe('words of other tools', () => {
	const known = Object.keys(parameters);

	it('are known for parameters', () => {
		const unknown = Object.values(lxc.synonyms).filter(
			(name) => name !== '' && !known.includes(name),
		);
		expect(unknown).toEqual([]);
	});

	it.each([
		['name', 'hostname'],
		['ssh_public_keys', 'ssh-public-keys'],
		['template_file_id', 'ostemplate'],
		['mount_point', 'mp[n]'],
		['environment_variables', 'env'],
	])('%s is suggested as %s', (word, name) => {
		expect(nearest(word, known, lxc.synonyms)).toBe(name);
	});
});
