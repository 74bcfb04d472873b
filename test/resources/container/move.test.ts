import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { clusterState, type Vm } from '../../../tools/emulator';
import { addContainer, configOf, ct } from '../../support/containerLab';
import { openLab, type Lab } from '../../support/lab';

let lab: Lab;
beforeAll(async () => {
	lab = await openLab({
		state: clusterState({
			nodes: [{ name: 'pve1' }, { name: 'pve2' }],
			storages: [
				{ storage: 'local', content: ['rootdir', 'images'] },
				{ storage: 'lab', content: ['rootdir'] },
				{ storage: 'fast', content: ['rootdir'], nodes: ['pve1'] },
			],
			guests: [{ vmid: 299, node: 'pve1' }],
		}),
	});
});
afterAll(async () => await lab.close());
afterEach(() => lab.emulator.faults.clear());

const picked = (value: unknown) => ({ __rl: true, mode: 'list', value: String(value) });
const running = { status: 'running', pid: 4242, startedAt: 1 } as const;
/** One with its root file system on "local", and a mount point on a storage. */
const add = (storage = 'local', vm: Partial<Vm> = {}): number => {
	const { state } = lab.emulator;
	const vmid = addContainer(lab.emulator);
	const found = state.vms.get(vmid);
	const root = state.volumes.get(`local:${vmid}/vm-${vmid}-disk-0.raw`);
	const volid = `${storage}:${vmid}/vm-${vmid}-disk-1.raw`;
	if (!found || !root) throw new Error(`the emulator has no container ${vmid}`);
	state.volumes.set(volid, { ...root, volid, storage });
	Object.assign(found, vm);
	found.config.mp0 = `${volid},mp=/data,size=1G`;
	return vmid;
};
const on = (operation: string, vmid: number, more: INodeParameters = {}): INodeParameters => ({
	resource: 'container',
	operation,
	vm: ct(vmid) as INodeParameters,
	...more,
});
const migrate = (vmid: number, more: INodeParameters = {}): INodeParameters =>
	on('migrate', vmid, { target: picked('pve2'), restart: false, ...more });
const move = (vmid: number, more: INodeParameters = {}): INodeParameters =>
	on('moveVolume', vmid, { disk: picked('mp0'), storage: picked('lab'), ...more });
const vm = (vmid: number) => lab.emulator.state.vms.get(vmid);
const changes = () => lab.emulator.requests.filter(({ method }) => method !== 'GET');
const failure = async (parameters: INodeParameters) => {
	const { error } = await lab.run(parameters);
	return {
		message: error?.message,
		description: String((error as { description?: unknown } | undefined)?.description),
	};
};
const sent = (): IDataObject =>
	Object.fromEntries(new URLSearchParams(changes().at(-1)?.body)) as IDataObject;

describe('Migrate', () => {
	it('moves a stopped container with its volumes, and gives its new node', async () => {
		const vmid = add();
		expect(await lab.output(migrate(vmid))).toMatchObject({
			vmid,
			name: 'added',
			node: 'pve2',
			sourceNode: 'pve1',
			alreadyThere: false,
			taskStatus: 'ok',
			upid: expect.stringMatching(new RegExp(`^UPID:pve1:.*:vzmigrate:${vmid}:`)) as string,
		});
		expect(vm(vmid)?.node).toBe('pve2');
		expect(sent()).toEqual({ target: 'pve2', restart: '0' });
		expect(await lab.output(migrate(vmid))).toMatchObject({ alreadyThere: true, upid: null });
	});

	it('shuts a running container down, and starts it there', async () => {
		const vmid = add('fast', running);
		await lab.output(
			migrate(vmid, {
				restart: true,
				options: { 'target-storage': picked('lab'), shutdownTimeout: 20, bwlimit: 500 },
			}),
		);
		expect(sent()).toEqual({
			target: 'pve2',
			restart: '1',
			timeout: '20',
			'target-storage': 'lab',
			bwlimit: '500',
		});
		expect(vm(vmid)).toMatchObject({ node: 'pve2', status: 'running' });
		expect(vm(vmid)?.config.mp0).toContain('lab:');
	});

	it.each<[string, () => number, string]>([
		[
			'it runs',
			() => add('local', running),
			'It is running. Turn on Restart, or shut it down first',
		],
		[
			'the target has no such storage',
			() => add('fast'),
			'pve2 does not have fast. Choose another storage with Target Storage',
		],
		[
			'a mount point is a directory of its node',
			() => {
				const vmid = add();
				Object.assign(vm(vmid)?.config ?? {}, {
					mp0: '/srv/a,mp=/a',
					mp1: '/srv/b,mp=/b,shared=1',
				});
				return vmid;
			},
			'mp0 is /srv/a of pve1 itself. Remove it first, or turn on its Shared if pve2 has the same',
		],
	])('says before the request that %s', async (_, arrange, why) => {
		const [vmid, before] = [arrange(), changes().length];
		expect((await failure(migrate(vmid))).message).toBe(
			`CT ${vmid} cannot be migrated to pve2. ${why}`,
		);
		expect(await lab.output(migrate(vmid, { options: { preview: true } }))).toMatchObject({
			path: `/api2/json/nodes/pve1/lxc/${vmid}/migrate`,
			obstacles: [why],
		});
		expect(changes()).toHaveLength(before);
	});

	it('says where the container is, and that it runs again, if the task fails', async () => {
		const vmid = add('local', running);
		vm(vmid)?.snapshots.push({
			name: 's',
			snaptime: 1,
			vmstate: false,
			config: { ...vm(vmid)?.config },
		});
		const { message, description } = await failure(migrate(vmid, { restart: true }));
		expect(message).toContain("can't migrate CT - check log");
		expect(description).toContain('non-migratable snapshot exists');
		expect(description).toMatch(new RegExp(`^CT ${vmid} is on pve1\\.$`, 'm'));
		expect(vm(vmid)).toMatchObject({ node: 'pve1', status: 'running' });
	});

	it('finds one whose response was lost, and waits under high availability', async () => {
		const vmid = add('local', { ...running, haManaged: 'started' });
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/migrate$/,
			when: 'after',
			effect: 'reset',
		});
		const before = changes().length;
		expect(await lab.output(migrate(vmid, { restart: true }))).toMatchObject({
			node: 'pve2',
			upid: null,
			taskStatus: 'warnings',
			warnings: [expect.stringContaining(`The response to the migration of CT ${vmid} from pve1`)],
		});
		expect(changes()).toHaveLength(before + 1);
	});
});

describe('Move Volume', () => {
	it('moves a volume to another storage, and keeps the original as unused', async () => {
		const vmid = add();
		expect(await lab.output(move(vmid))).toMatchObject({
			vmid,
			disk: 'mp0',
			storage: 'lab',
			volume: expect.stringMatching(/^lab:/) as string,
			taskStatus: 'ok',
			upid: expect.stringContaining(`:move_volume:${vmid}:`) as string,
		});
		expect(await configOf(lab, vmid)).toMatchObject({
			mp0: expect.stringMatching(/^lab:.*mp=\/data/) as string,
			unused0: `local:${vmid}/vm-${vmid}-disk-1.raw`,
		});
		expect(sent()).toEqual({
			volume: 'mp0',
			storage: 'lab',
			digest: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
		});
	});

	it('deletes the original if chosen, also after a lost response', async () => {
		const vmid = add();
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/move_volume$/,
			when: 'after',
			effect: 'reset',
		});
		const before = changes().length;
		expect(
			await lab.output(move(vmid, { disk: picked('rootfs'), options: { delete: true } })),
		).toMatchObject({
			volume: expect.stringMatching(/^lab:/) as string,
			upid: null,
			taskStatus: 'warnings',
		});
		expect(changes()).toHaveLength(before + 1);
		expect(await configOf(lab, vmid)).not.toHaveProperty('unused0');
	});

	it('gives a mount point to another container, and reads it back there', async () => {
		const [vmid, target] = [add(), add()];
		const options = { 'target-vmid': target, 'target-volume': 'mp1' };
		expect(await lab.output(move(vmid, { storage: picked(''), options }))).toMatchObject({
			vmid,
			movedTo: target,
			storage: 'local',
			volume: expect.stringContaining(`vm-${target}-disk-`) as string,
			upid: expect.stringMatching(`:move_volume:${vmid}-mp0>${target}-mp1:`) as string,
		});
		expect(await configOf(lab, vmid)).not.toHaveProperty('mp0');
		expect(await configOf(lab, target)).toMatchObject({
			mp1: expect.stringContaining('mp=/data') as string,
		});
	});

	it.each<[INodeParameters, string]>([
		[{ storage: picked('') }, 'Target Storage is needed, or Options → Target Container'],
		[
			{ options: { 'target-vmid': 300 } },
			'Target Storage must be empty, because Options → Target Container is set',
		],
		[
			{ options: { 'target-volume': 'mp1' } },
			'Target Volume is only for Options → Target Container',
		],
		[
			{ disk: picked('rootfs'), storage: picked(''), options: { 'target-vmid': 300 } },
			'Volume must be a mount point, to move it to another container',
		],
		[{ disk: picked('scsi0') }, 'Volume must be a value such as rootfs'],
	])('refuses %j before any request', async (more, message) => {
		const before = lab.emulator.requests.length;
		expect((await failure(move(300, more))).message).toContain(message);
		expect(lab.emulator.requests).toHaveLength(before);
	});

	it('lists its volumes if it has no such volume, and says what to do if it runs', async () => {
		const vmid = add('local', running);
		expect((await failure(move(vmid, { disk: picked('mp7') }))).message).toBe(
			`CT ${vmid} has no volume mp7. It has: mp0 (local:${vmid}/vm-${vmid}-disk-1.raw), rootfs (local:${vmid}/vm-${vmid}-disk-0.raw)`,
		);
		const { message, description } = await failure(move(vmid));
		expect(message).toContain('cannot move volumes of a running container');
		expect(description).toContain('Shut the CT down first.');
	});
});
