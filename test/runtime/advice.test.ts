import type { INodeParameters, NodeApiError } from 'n8n-workflow';

import { nextStep, STEPS } from '../../nodes/ProxmoxVe/runtime/advice';
import { emptyVm, openLab, type Lab } from '../support/lab';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const descriptionOf = (error: unknown) => String((error as NodeApiError | undefined)?.description);
const disk = (source: string, more: object) => ({
	diskList: { values: [{ source, options: { bus: 'scsi' }, ...more }] },
});
let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

describe('the next step', () => {
	const nothing = () => undefined;
	const running = () =>
		void Object.assign(lab.emulator.state.vms.get(100) ?? {}, {
			status: 'running',
			ignoresShutdown: true,
		});

	it.each<[string, INodeParameters, RegExp, () => void]>([
		[
			'of a create with an unknown pool',
			{ general: { pool: picked('nosuch') } },
			/Choose Resource Pool → From List/,
			nothing,
		],
		[
			'of a create on a storage for ISO images',
			disk('new', { storage: picked('isoonly'), size: 1 }),
			/Choose a storage with the content type Disk Image/,
			nothing,
		],
		[
			'of a shutdown of a suspended VM',
			{ operation: 'shutdown', vm: picked('100') },
			/^Continue the VM with Resume first, or use Stop/m,
			() =>
				void Object.assign(lab.emulator.state.vms.get(100) ?? {}, {
					status: 'running',
					paused: true,
				}),
		],
		[
			'of an update of a hibernated VM',
			{ operation: 'update', vm: picked('100'), cores: 2 },
			/^Use Resume or Start first: the VM is hibernated/m,
			() =>
				void Object.assign(lab.emulator.state.vms.get(100)?.config ?? {}, { lock: 'suspended' }),
		],
		[
			'of a hibernation under high availability',
			{ operation: 'hibernate', vm: picked('100') },
			/^Choose Suspend, or remove the VM from high availability first/m,
			() =>
				void Object.assign(lab.emulator.state.vms.get(100) ?? {}, {
					status: 'running',
					haManaged: 'started',
				}),
		],
		[
			'of a snapshot of a template',
			{ resource: 'snapshot', operation: 'create', vm: picked('104'), snapname: 's1' },
			/^Create a VM from the template with Clone, and use that/m,
			() => void Object.assign(lab.emulator.state.vms.get(104)?.config ?? {}, { template: 1 }),
		],
		[
			'of a linked clone with a storage',
			{
				operation: 'clone',
				vm: picked('101'),
				name: '',
				full: false,
				options: { storage: picked('lab') },
			},
			/Leave Target Storage out, or choose Full Clone/,
			nothing,
		],
		[
			'of a linked clone with a format',
			{
				operation: 'clone',
				vm: picked('101'),
				name: '',
				full: false,
				options: { format: 'qcow2' },
			},
			/Leave Disk Format out|Leave Target Storage out/,
			nothing,
		],
		[
			'of a locked VM',
			{ operation: 'update', vm: picked('103'), cores: 2 },
			/Wait until the task \(backup\) that works on this VM has finished\. If no task is running.*on pve1, as root: qm unlock 103/,
			nothing,
		],
		[
			'of a reboot that times out',
			{
				operation: 'reboot',
				vm: picked('100'),
				options: { shutdownTimeout: 1, maxPollInterval: 0.1 },
			},
			/Raise Options → Shutdown Timeout, or use Stop and then Start/,
			running,
		],
		[
			'of a shutdown that times out',
			{
				operation: 'shutdown',
				vm: picked('100'),
				options: { shutdownTimeout: 1, maxPollInterval: 0.1 },
			},
			/or choose Force Stop After Timeout/,
			running,
		],
	])('%s', async (_what, parameters, advice, arrange) => {
		arrange();
		const { error } = await lab.run(parameters);
		expect(`${error?.message}\n${descriptionOf(error)}`).toMatch(advice);
	});

	it('of an unknown pool is no privilege', async () => {
		const { error } = await lab.run({ general: { pool: picked('nosuch') } });
		expect(error?.message).toContain("pool 'nosuch' does not exist");
		expect(descriptionOf(error)).not.toMatch(/Missing:|privilege/);
	});

	it('of a create names no field of a restore', async () => {
		const { error } = await lab.run(disk('new', { storage: picked('isoonly'), size: 1 }));
		expect(error?.message).toBe(
			"Proxmox VE refused Storage: storage 'isoonly' does not support vm images",
		);
	});

	it('of what only root may set depends on who asks', () => {
		const message = "only root can set 'args' config";
		expect(nextStep(message, { identity: 'n8n@pve!t' })).toContain(
			'a credential of the type User and Password (Credential → Create new credential',
		);
		expect(nextStep(message, { identity: 'root@pam!t' })).toContain(
			'a credential of the type User and Password (Credential → Create new credential',
		);
		expect(nextStep(message, { identity: 'me!x@pve' })).toContain(
			'Log in as root@pam, or leave it out: me!x@pve cannot set it',
		);
		expect(nextStep(message, { identity: 'n8n@pve' })).not.toContain('User and Password');
	});

	it('of what only root may set, by a user with a password', async () => {
		const password = lab.emulator.passwords['n8n@pve'] ?? '';
		const result = await lab.engine.runNode({
			parameters: {
				...emptyVm,
				resource: 'virtualMachine',
				operation: 'create',
				node: picked('pve1'),
				authentication: 'password',
				moreSettings: ['advanced'],
				advanced: { args: '-s' },
			},
			credentials: {
				proxmoxVePasswordApi: {
					...lab.credentials.proxmoxVePasswordApi,
					username: 'n8n@pve',
					password,
				},
			},
		});
		expect(result.error?.message).toContain("only root can set 'args' config");
		expect(descriptionOf(result.error)).toContain(
			'Log in as root@pam, or leave it out: n8n@pve cannot set it',
		);
	});

	it.each([
		["can't clone VM to node 'pve2' (VM uses local storage)", 'Leave Target Node out'],
		["can't clone to non-shared storage 'local'", 'Leave Target Node out'],
		["storage 'othernode' is not available on node 'pve1'", 'Choose Storage → From List'],
		["unable to create VM 201 - storage 'offline' is not online", 'Bring the storage online'],
		['Only root can pass arbitrary filesystem paths.', 'Enter a volume of a storage'],
		['VM is locked (suspended)', 'Use Resume or Start first'],
		['VM is locked (create)', 'and delete what is left of the VM'],
		["can't lock file '/var/lock/qemu-server/lock-8001.conf' - got timeout", 'Try again'],
	])('of %s', (message, advice) =>
		expect(nextStep(message, { vmid: 100, node: 'pve1' })).toContain(advice),
	);

	it('begins with what to do', () => {
		const fixed = STEPS.flatMap(([, advice]) => (typeof advice === 'string' ? [advice] : []));
		const verbs =
			/^(?:Choose|Compare|Enter|Move|Shut|Bring|Start|Store|Turn|Leave|Delete|Upload|Read|Try|Run|Continue|Create|Set|Extend|Install|Download|Allow) /;
		expect(fixed.length).toBeGreaterThan(30);
		expect(fixed.filter((advice) => !verbs.test(advice))).toEqual([]);
	});

	it.each([595, 596, 502])('of %i names the node that cannot be reached', async (status) => {
		lab.emulator.faults.onRequest({
			path: /\/nodes\/pve1\/qemu\/100\/status/,
			times: 99,
			effect: { status, phrase: 'No route to host' },
		});
		const { error } = await lab.run({ operation: 'get', vm: picked('100') });
		expect(error?.message).toContain(`answered ${status}`);
		expect(descriptionOf(error)).toMatch(
			/^Start node pve1 if it is down, or choose another one: the host of the credential answers/,
		);
	});

	it('of 502 for no node names the services of the host', async () => {
		lab.emulator.faults.onRequest({
			path: '/cluster/resources',
			times: 99,
			effect: { status: 502, phrase: 'Bad Gateway' },
		});
		const { error } = await lab.run({ operation: 'getAll' });
		expect(descriptionOf(error)).toContain('Check that Proxmox VE (pveproxy and pvedaemon) runs');
	});

	it('of an ID that is taken names what the operation has', () => {
		const message = "unable to create VM 100 - VM 100 already exists on node 'pve1'";
		expect(nextStep(message, { operation: 'create' })).not.toContain('Overwrite');
		expect(nextStep(message, { operation: 'restore' })).toContain('Restore → Overwrite');
		expect(nextStep(message, { operation: 'clone' })).toContain('New VM ID');
	});
});

describe('a VM', () => {
	it('that is a container is called one', async () => {
		lab.emulator.state.vms.set(300, {
			...lab.emulator.state.vms.get(104)!,
			vmid: 300,
			type: 'lxc',
		});
		const { error } = await lab.run({ operation: 'start', vm: picked('300') });
		expect(error?.message).toBe('300 is a container on pve1. Choose a virtual machine');
	});

	it('whose backup was killed may be locked', async () => {
		lab.emulator.faults.onTask({ type: 'vzdump', dies: true });
		const { error } = await lab.run({
			resource: 'backup',
			operation: 'create',
			vm: picked('104'),
			storage: picked('local'),
		});
		expect(descriptionOf(error)).toContain(
			'It may have left VM 104 locked (backup). To remove the lock, on pve1, as root: qm unlock 104',
		);
	});
});

describe('the newest backup', () => {
	const newest = { operation: 'restore', backupSource: 'newest', backupVm: picked('100') };
	const withRole = async (privileges: string[]) => {
		lab.emulator.state.roles.set('Some', new Set(privileges));
		lab.emulator.state.users.set('some@pve', {
			userid: 'some@pve',
			enabled: true,
			expire: 0,
			groups: [],
			tokens: new Map([['tk', { privsep: false, expire: 0, secret: 's' }]]),
		});
		lab.emulator.state.acl.push({
			path: '/',
			type: 'user',
			ugid: 'some@pve',
			roleid: 'Some',
			propagate: true,
		});
		const credentials = {
			proxmoxVeApi: { ...lab.credentials.proxmoxVeApi, tokenId: 'some@pve!tk', tokenSecret: 's' },
		};
		return (
			await lab.engine.runNode({
				parameters: {
					...emptyVm,
					resource: 'virtualMachine',
					node: picked('pve1'),
					vmIdMode: 'next',
					...newest,
				},
				credentials,
			})
		).error?.message;
	};

	it('of somebody who may see no storage is not said to be none', async () => {
		expect(await withRole(['VM.Allocate', 'VM.Audit'])).toMatch(
			/No storage with backups is visible on pve1/,
		);
	});

	it('of somebody who may not see the backups of the VM is not said to be none', async () => {
		expect(
			await withRole(['VM.Allocate', 'VM.Audit', 'Datastore.Audit', 'Datastore.AllocateSpace']),
		).toMatch(/Missing privilege VM\.Backup on \/vms\/100/);
	});

	it('is none if there is none', async () => {
		for (const [volid, { content }] of lab.emulator.state.volumes)
			if (content === 'backup') lab.emulator.state.volumes.delete(volid);
		expect((await lab.run(newest)).error?.message).toContain(
			'There is no backup of VM 100 on the storages of pve1',
		);
	});
});
