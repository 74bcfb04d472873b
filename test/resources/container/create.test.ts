import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { lxc } from '../../../nodes/ProxmoxVe/catalogue/lxc';
import { parameterOf } from '../../../nodes/ProxmoxVe/catalogue/catalogue';
import { readApi, type Lab } from '../../support/lab';
import { configOf, newContainer, openContainerLab, TEMPLATE } from '../../support/containerLab';

let lab: Lab;
beforeAll(async () => (lab = await openContainerLab()));
afterAll(async () => await lab.close());

const create = async (parameters: INodeParameters = {}): Promise<IDataObject> =>
	await lab.output({ ...newContainer, ...parameters });
const configAfter = async (parameters: INodeParameters): Promise<IDataObject> =>
	await configOf(lab, (await create(parameters)).vmid);
/** The parameters that a create would send, without the MAC address by which it is recognised. */
const bodyOf = async (parameters: INodeParameters): Promise<IDataObject> => {
	const options = { ...(newContainer.options as IDataObject), preview: true };
	const { body } = await create({ options, ...parameters } as INodeParameters);
	const { net0, ...others } = body as IDataObject;
	if (typeof net0 !== 'string') return others;
	return { ...others, net0: net0.replace(',hwaddr=RANDOM_MAC', '') };
};
const refusal = async (parameters: INodeParameters, items?: IDataObject[]): Promise<string> => {
	const sent = lab.emulator.requests.length;
	const { error } = await lab.run({ ...newContainer, ...parameters }, items);
	expect(lab.emulator.requests.slice(sent).filter(({ method }) => method !== 'GET')).toEqual([]);
	return [error?.message, (error as { description?: string } | undefined)?.description].join('\n');
};
const json = (vmJson: object, more: INodeParameters = {}): INodeParameters => ({
	...newContainer,
	profile: 'json',
	jsonProfile: 'none',
	vmJson: JSON.stringify(vmJson),
	...more,
});

describe('a new container', () => {
	it('is created from the defaults of the panel', async () => {
		const output = await create({ hostname: 'web-1' });
		expect(output).toMatchObject({
			name: 'web-1',
			node: 'pve1',
			taskStatus: 'ok',
			reused: false,
			upid: expect.stringContaining(':vzcreate:'),
			url: expect.stringContaining('lxc%2F'),
		});
		expect(await configOf(lab, output.vmid)).toMatchObject({
			hostname: 'web-1',
			unprivileged: 1,
			features: 'nesting=1',
			net0: expect.stringMatching(/^name=eth0,bridge=vmbr0,hwaddr=BC:24:11:.*,ip=dhcp/),
			rootfs: expect.stringMatching(/^local:\d+\/vm-\d+-disk-0\.raw,size=1G/),
		});
	});

	it('sends nothing that neither the user nor the profile has set', async () => {
		const { vmid, ...body } = await bodyOf({ profile: 'none' });
		expect(vmid).toBe('NEXT_FREE_ID');
		expect(body).toEqual({
			ostemplate: TEMPLATE,
			rootfs: 'local:1',
			net0: 'name=eth0,bridge=vmbr0,ip=dhcp',
		});
	});

	it('gets what the profile sets, unless the user sets it', async () => {
		expect(await bodyOf({})).toMatchObject({ unprivileged: '1', features: 'nesting=1' });
		expect(await bodyOf({ isolation: { features_nesting: false } })).toMatchObject({
			unprivileged: '1',
			features: 'nesting=0',
		});
	});

	it('that is privileged gets no features from the profile', async () => {
		const body = await bodyOf({ isolation: { unprivileged: false } });
		expect(body).toMatchObject({ unprivileged: '0' });
		expect(body).not.toHaveProperty('features');
	});

	it.each([
		[
			{ ip: '192.0.2.5/24', gateway: '192.0.2.1' },
			'name=eth0,bridge=vmbr0,ip=192.0.2.5/24,gw=192.0.2.1',
		],
		[{ ip: '' }, 'name=eth0,bridge=vmbr0'],
		[{ bridge: { __rl: true, mode: 'name', value: '' } }, undefined],
	])('with the network %j has net0 %s', async (given, net0) => {
		const body = await bodyOf(given as INodeParameters);
		expect(body.net0).toBe(net0);
	});

	it.each<[string, INodeParameters, string]>([
		[
			'no storage',
			{ storage: { __rl: true, mode: 'name', value: '={{ "" }}' } },
			'Storage is needed',
		],
		['no size', { diskSize: '' }, 'Size (GiB) is needed'],
		['a wrong size', { diskSize: '1e3' }, 'Size (GiB) must be a size above 0'],
		[
			'no template',
			{ ostemplate: { __rl: true, mode: 'name', value: '={{ "" }}' } },
			'Template (ostemplate) is needed',
		],
		['a gateway for DHCP', { ip: '={{ "dhcp" }}', gateway: '192.0.2.1' }, 'IPv4 Gateway needs'],
		[
			'a short password',
			{ password: 'abcd' },
			'Password (password) must have at least 5 characters',
		],
		['a wrong host name', { hostname: 'a_b' }, 'Host Name (hostname) must be a host name'],
		['a private key', { sshkeys: '-----BEGIN OPENSSH PRIVATE KEY-----' }, 'is a private key'],
	])('with %s is refused before any request', async (_, given, message) => {
		expect(await refusal(given)).toContain(message);
	});

	it('in JSON cannot be a restore', async () => {
		expect(await refusal(json({ ostemplate: TEMPLATE, restore: true }))).toContain(
			'Restore (restore) cannot be set here: use the operation Restore',
		);
	});

	it('does not wait for a guest agent, which containers do not have', async () => {
		const options = { ...(newContainer.options as IDataObject), waitUntil: 'agent' };
		expect(await refusal({ start: true, options } as INodeParameters)).toContain(
			'must be Task Finished, Running or IP Address for a container',
		);
	});
});

describe('every parameter of the API', () => {
	/** Each one as text, as Proxmox has it; those of root@pam and of restores are elsewhere. */
	const all = {
		ostemplate: TEMPLATE,
		rootfs: 'local:1,mountoptions=noatime,replicate=0',
		mp0: 'local:1,mp=/data,backup=1,ro=1',
		mp200: 'local:0.5,mp=/srv',
		net0: 'name=eth0,bridge=vmbr0,firewall=1,gw=192.0.2.1,hwaddr=BC:24:11:00:00:42,ip=192.0.2.5/24,ip6=auto,link_down=1,mtu=1400,rate=12.5,tag=7',
		net1: 'name=eth1,bridge=vmbr0,host-managed=1',
		arch: 'amd64',
		bwlimit: '0',
		cmode: 'console',
		console: '1',
		cores: '2',
		cpulimit: '1.5',
		cpuunits: '200',
		debug: '1',
		description: 'two\nlines',
		entrypoint: '/sbin/init',
		env: 'A=b c\0C=d',
		features: 'nesting=1',
		'ha-managed': '0',
		hostname: 'every',
		'ignore-unpack-errors': '0',
		memory: '256',
		nameserver: '192.0.2.53 2001:db8::53',
		onboot: '1',
		ostype: 'debian',
		password: 'secret-5',
		pool: 'prod',
		protection: '0',
		searchdomain: 'example.com lan',
		'ssh-public-keys':
			'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGq5Vd2bZpNn3XfJb1mR7oYb6mXcQJxkV9o2S0G1xYQK a@b',
		start: '0',
		startup: 'order=1,up=2',
		swap: '0',
		tags: 'web;production',
		timezone: 'Europe/Berlin',
		tty: '1',
		unprivileged: '1',
	};

	it('is sent from JSON as it is given, and accepted', async () => {
		const output = await lab.output(json(all));
		const config = await configOf(lab, output.vmid);
		expect(config).toMatchObject({
			arch: 'amd64',
			cmode: 'console',
			cores: 2,
			cpulimit: '1.5',
			cpuunits: 200,
			description: 'two\nlines\n',
			env: 'A=b c\0C=d',
			hostname: 'every',
			memory: 256,
			nameserver: '192.0.2.53 2001:db8::53',
			searchdomain: 'example.com lan',
			startup: 'order=1,up=2',
			swap: 0,
			tags: 'production;web',
			timezone: 'Europe/Berlin',
			tty: 1,
		});
		expect(config.net0).toBe(`${all.net0},type=veth`);
		expect(config.mp200).toMatch(/^local:.*,mp=\/srv,size=512M$/);
		expect(config).not.toHaveProperty('password');
	});

	it('is one that the catalogue has, with one of each in these tests', () => {
		const elsewhere = [
			'node',
			'vmid',
			'dev[n]',
			'force',
			'hookscript',
			'lock',
			'restore',
			'storage',
			'template',
			'unique',
			'unused[n]',
		];
		const names = Object.keys(all).map((name) => parameterOf(lxc, name));
		expect([...new Set([...names, ...elsewhere])].sort()).toEqual(
			Object.keys(lxc.parameters).sort(),
		);
	});

	it('can be set in the panel too', async () => {
		const body = await bodyOf({
			hostname: 'fields',
			cores: 2,
			memory_current: 256,
			password: 'secret-5',
			sshkeys: all['ssh-public-keys'],
			start: true,
			source: { 'ignore-unpack-errors': true, bwlimit: 1.5 },
			general: {
				description: 'x',
				tags: 'a;b',
				pool: { __rl: true, mode: 'name', value: 'prod' },
				onboot: true,
				startup: 'order=1',
				protection: true,
				'ha-managed': true,
				lock: 'backup',
			},
			resources: { swap: 0, cpulimit: 1.5, cpuunits: 50, arch: 'arm64' },
			volumes: { rootfs_mountoptions: 'noatime', rootfs_acl: true },
			mpList: {
				values: [
					{ volume: 'local:2', mp: '/data', options: { backup: true, ro: true } },
					{ volume: 'local:110/vm-110-disk-0.raw', mp: '/old', options: { slot: 9 } },
				],
			},
			network: { nameserver: '192.0.2.53', searchdomain: 'lan' },
			netList: { values: [{ name: 'eth1', bridge: 'vmbr0', ip: '', options: { tag: 5 } }] },
			isolation: { features_nesting: false },
			system: {
				entrypoint: '/bin/app --x',
				env: 'A=b\nC=d\n',
				timezone: 'host',
				ostype: 'debian',
				cmode: 'shell',
				console: false,
				tty: 0,
				debug: true,
			},
		} as INodeParameters);
		expect(body).toEqual({
			vmid: 'NEXT_FREE_ID',
			ostemplate: TEMPLATE,
			hostname: 'fields',
			cores: '2',
			memory: '256',
			password: expect.stringMatching(/^\*+$/),
			'ssh-public-keys': all['ssh-public-keys'],
			start: '1',
			'ignore-unpack-errors': '1',
			bwlimit: '1.5',
			description: 'x',
			tags: 'a;b',
			pool: 'prod',
			onboot: '1',
			startup: 'order=1',
			protection: '1',
			'ha-managed': '1',
			lock: 'backup',
			swap: '0',
			cpulimit: '1.5',
			cpuunits: '50',
			arch: 'arm64',
			rootfs: 'local:1,acl=1,mountoptions=noatime',
			mp0: 'local:2,ro=1,mp=/data,backup=1',
			mp9: 'local:110/vm-110-disk-0.raw,mp=/old',
			nameserver: '192.0.2.53',
			searchdomain: 'lan',
			net0: 'name=eth0,bridge=vmbr0,ip=dhcp',
			net1: 'name=eth1,bridge=vmbr0,tag=5',
			unprivileged: '1',
			features: 'nesting=0',
			entrypoint: '/bin/app --x',
			env: expect.stringMatching(/^\*+$/),
			timezone: 'host',
			ostype: 'debian',
			cmode: 'shell',
			console: '0',
			tty: '0',
			debug: '1',
		});
	});
});

describe('what only root@pam may set', () => {
	it.each<[string, INodeParameters, string]>([
		['a device', { devList: { values: [{ path: '/dev/fuse', options: {} }] } }, 'Device dev0'],
		[
			'a hook script',
			{ general: { hookscript: { __rl: true, mode: 'name', value: 'local:snippets/hook.sh' } } },
			'Hook Script (hookscript)',
		],
		['a feature', { isolation: { features_keyctl: true } }, 'Keyctl (features.keyctl)'],
		[
			'a path of the host',
			{ mpList: { values: [{ volume: '/srv', mp: '/srv', options: {} }] } },
			'Mount Point mp0 → Volume',
		],
		[
			'nesting in a privileged container',
			{ isolation: { unprivileged: false, features_nesting: true } },
			'Features (features)',
		],
	])('%s is refused for a token before any request', async (_, given, label) => {
		expect(await refusal(given)).toContain(`${label} can be set only by root@pam with a password`);
	});

	it('is accepted from root@pam with a password', async () => {
		const config = await configAfter({
			authentication: 'password',
			devList: { values: [{ path: '/dev/null', options: { mode: '0660' } }] },
			isolation: { features_keyctl: true },
		});
		expect(config).toMatchObject({
			dev0: expect.stringContaining('/dev/null'),
			features: expect.stringContaining('keyctl=1'),
		});
	});
});

describe('a missing privilege', () => {
	it('is named with all that the container needs', async () => {
		const { error } = await lab.runAs('nothing@pve!tk', {
			...newContainer,
			hostname: 'x',
			cores: 1,
		});
		const { description } = error as { description?: string };
		expect(description).toMatch(
			/^Missing privilege VM\.Allocate on \/vms\/\d+, .*VM\.Config\.Network on \/vms\/\d+, VM\.Config\.CPU on/,
		);
		for (const one of [
			'VM.Config.Disk on /vms/',
			'Datastore.AllocateSpace on /storage/local',
			'SDN.Use on',
		])
			expect(description).toContain(one);
		expect(description).not.toContain('VM.Config.HWType');
	});
});

describe('secrets', () => {
	it('are in no message, log or output', async () => {
		const secret = 'correct-horse-battery';
		const result = await lab.run({
			...newContainer,
			password: secret,
			system: { env: `TOKEN=${secret}` },
			ostemplate: { __rl: true, mode: 'name', value: 'local:vztmpl/nosuch.tar.zst' },
		});
		expect(result.error).toBeDefined();
		expect(JSON.stringify([result.error, result.items])).not.toContain(secret);
		expect(await refusal({ system: { env: `not a variable ${secret}` } })).not.toContain(secret);
	});

	it('of its environment are masked if a response repeats them', async () => {
		const secret = 'correct-horse-battery';
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: '/nodes/pve1/lxc',
			effect: { status: 500, phrase: `cannot use ${secret} or LANG=en`, body: '{"data":null}' },
		});
		const { error } = await lab.run({
			...newContainer,
			system: { env: `LANG=en\nTOKEN=${secret}` },
		});
		expect(error?.message).toContain('cannot use ******** or LANG=en');
		expect(JSON.stringify(error)).not.toContain(secret);
	});
});

describe('the start', () => {
	it('is followed, and the addresses are those that the host reports', async () => {
		const options = { ...(newContainer.options as IDataObject), waitUntil: 'ip' };
		const output = await create({
			start: true,
			ip: '10.10.10.77/24',
			gateway: '10.10.10.1',
			options,
		} as INodeParameters);
		expect(output).toMatchObject({
			taskStatus: 'ok',
			warnings: [],
			startUpid: expect.stringContaining(':vzstart:'),
			ipAddresses: ['10.10.10.77'],
		});
		const current = await readApi(
			lab.emulator,
			`/nodes/pve1/lxc/${String(output.vmid)}/status/current`,
		);
		expect(current.status).toBe('running');
	});

	it('that fails is reported with the texts for containers', async () => {
		const { error } = await lab.run({
			...newContainer,
			start: true,
			bridge: { __rl: true, mode: 'name', value: 'vmbr77' },
		});
		expect(error?.message).toMatch(
			/^CT \d+ was created, but is not running: bridge 'vmbr77' does not exist/,
		);
	});
});
