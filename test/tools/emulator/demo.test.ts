import { manualClock, startEmulator, type Emulator } from '../../../tools/emulator';
import { askApi, finishTask } from '../../support/askApi';

let emulator: Emulator;

beforeEach(async () => {
	emulator = await startEmulator({ http: true, taskSeconds: 0.01, seed: 'demo' });
});
afterEach(async () => await emulator.close());

const NODE = '/nodes/pve';
const IMAGE = 'local-lvm:0,import-from=local:import/debian-13-genericcloud-amd64.qcow2';
const vm = (vmid: number) => emulator.state.vms.get(vmid);
const rows = async (path: string) =>
	(await askApi(emulator, { path })).data as Array<Record<string, unknown>>;
const run = async (path: string, form: Record<string, string> = {}) =>
	await finishTask(emulator, await askApi(emulator, { method: 'POST', path, form }));
const create = async (vmid: number, form: Record<string, string>) =>
	await run(`${NODE}/qemu`, {
		vmid: String(vmid),
		agent: '1',
		net0: 'virtio,bridge=vmbr0',
		...form,
	});
const start = async (vmid: number) => await run(`${NODE}/qemu/${vmid}/status/start`);
const stop = async (vmid: number) => await run(`${NODE}/qemu/${vmid}/status/stop`);

/** The addresses that the agent reports after the boot. */
async function addressesOf(vmid: number): Promise<string[]> {
	// A timer of the same clock that ends later than the boot.
	await emulator.clock.sleep(10_000);
	expect(vm(vmid)?.agentRuns).toBe(true);
	const { data } = await askApi(emulator, {
		path: `${NODE}/qemu/${vmid}/agent/network-get-interfaces`,
	});
	const { result } = data as { result: Array<{ 'ip-addresses': Array<Record<string, string>> }> };
	return result.slice(1).map((card) => String(card['ip-addresses'][0]?.['ip-address']));
}

describe('the demo cluster', () => {
	it('is named as Proxmox’s installer names things', async () => {
		expect((await rows('/nodes')).map(({ node }) => node)).toEqual(['pve']);
		expect((await rows(`${NODE}/storage`)).map(({ storage }) => storage).sort()).toEqual([
			'local',
			'local-lvm',
		]);
		expect((await rows(`${NODE}/network`)).map(({ iface }) => iface)).toContain('vmbr0');
	});

	it('has images, a fresh backup, a template and a failed backup task', async () => {
		const content = await rows(`${NODE}/storage/local/content`);
		expect(content.map(({ content: type }) => type).sort()).toEqual([
			'backup',
			'backup',
			'import',
			'import',
			'iso',
			'iso',
			'iso',
			'vztmpl',
		]);
		const backup = content.find(({ content: type }) => type === 'backup');
		expect(Date.now() / 1000 - Number(backup?.ctime)).toBeLessThan(86_400);
		expect((await rows(`${NODE}/qemu`)).find(({ template }) => template === 1)).toMatchObject({
			vmid: 8000,
		});
		expect(await rows(`${NODE}/tasks?errors=1`)).toMatchObject([
			{ type: 'vzdump', status: 'job errors', user: 'root@pam' },
		]);
		const [{ upid } = {}] = await rows(`${NODE}/tasks`);
		expect(await rows(`${NODE}/tasks/${String(upid)}/log`)).toHaveLength(5);
	});
});

describe('local-lvm', () => {
	const volume = (volid: string) => emulator.state.volumes.get(volid);

	it('has raw volumes in a thin pool, in whole extents and without folders', async () => {
		await create(500, {
			scsi0: `${IMAGE}`,
			ide2: 'local-lvm:cloudinit',
			efidisk0: 'local-lvm:1,efitype=4m',
		});
		expect(vm(500)?.config).toMatchObject({
			efidisk0: 'local-lvm:vm-500-disk-0,efitype=4m,size=4M',
			ide2: 'local-lvm:vm-500-cloudinit,media=cdrom',
			scsi0: 'local-lvm:vm-500-disk-1,size=3G',
		});
		const content = await rows(`${NODE}/storage/local-lvm/content?vmid=500`);
		expect(content.map(({ volid, format }) => [volid, format])).toEqual([
			['local-lvm:vm-500-cloudinit', 'raw'],
			['local-lvm:vm-500-disk-0', 'raw'],
			['local-lvm:vm-500-disk-1', 'raw'],
		]);
		const list = await rows(`${NODE}/storage?format=1&storage=local-lvm`);
		expect(list).toMatchObject([
			{ type: 'lvmthin', formats: { default: 'raw', supported: ['raw'] } },
		]);
		expect(await run(`${NODE}/qemu`, { vmid: '501', scsi0: 'local-lvm:1,format=qcow2' })).toBe(
			"unable to create VM 501 - unsupported format 'qcow2'",
		);
	});

	it('takes snapshots, and linked clones do not name their base', async () => {
		expect(await run(`${NODE}/qemu/100/snapshot`, { snapname: 'one' })).toBe('OK');
		await run(`${NODE}/qemu/8000/clone`, { newid: '500', full: '0' });
		expect(vm(500)?.config.scsi0).toMatch(/^local-lvm:vm-500-disk-0,/);
		expect(volume('local-lvm:vm-500-disk-0')).toMatchObject({ boots: true, size: 8 * 1024 ** 3 });
	});
});

describe('the container', () => {
	const CT = `${NODE}/lxc`;

	it('runs, and reports its addresses without an agent', async () => {
		expect(await rows(CT)).toMatchObject([{ vmid: 300, status: 'running', name: 'proxy' }]);
		expect(await rows(`${CT}/300/interfaces`)).toMatchObject([
			{ name: 'lo' },
			{ name: 'eth0', inet: '198.51.100.51/24' },
		]);
	});

	it('can be created again from its template, and from its backup', async () => {
		const content = await rows(`${NODE}/storage/local/content`);
		const volidOf = (kind: string) =>
			String(
				content.find(
					({ content: type, volid }) => type === kind && /vztmpl|lxc/.test(String(volid)),
				)?.volid,
			);
		const storage = 'local-lvm';
		const net0 = 'name=eth0,bridge=vmbr0,ip=dhcp';
		await run(CT, { vmid: '301', ostemplate: volidOf('vztmpl'), storage, net0, start: '1' });
		await run(CT, {
			vmid: '302',
			ostemplate: volidOf('backup'),
			storage,
			restore: '1',
			unique: '1',
		});
		expect(vm(301)?.config).toMatchObject({ ostype: 'debian', hostname: 'CT301', memory: 512 });
		expect(vm(302)?.config).toMatchObject({ hostname: 'proxy', features: 'nesting=1' });
		expect(vm(302)?.config.rootfs).toBe('local-lvm:vm-302-disk-0,size=8G');
		expect(vm(302)?.config.net0).not.toBe(vm(300)?.config.net0);
	});
});

describe('an installed system', () => {
	it('boots from a cloud image, with the address that cloud-init sets', async () => {
		await create(500, { scsi0: IMAGE, ide2: 'local-lvm:cloudinit', ipconfig0: 'ip=192.0.2.7/24' });
		await start(500);
		expect(await addressesOf(500)).toEqual(['192.0.2.7']);
	});

	it('has an address by DHCP without a cloud-init drive', async () => {
		await create(500, { scsi0: IMAGE, ipconfig0: 'ip=192.0.2.7/24' });
		await start(500);
		expect(await addressesOf(500)).toEqual(['198.51.100.1']);
	});

	it('does not answer before it has booted again', async () => {
		await create(500, { scsi0: IMAGE });
		await start(500);
		await addressesOf(500);
		await stop(500);
		const clock = manualClock();
		const { state } = emulator;
		await emulator.close();
		emulator = await startEmulator({ http: true, clock, state });
		await askApi(emulator, { method: 'POST', path: `${NODE}/qemu/500/status/start`, form: {} });
		await clock.advance(1_000);
		expect(vm(500)).toMatchObject({ status: 'running', agentRuns: false });
		await clock.advance(2_000);
		expect(vm(500)?.agentRuns).toBe(true);
	});

	it.each([
		['an empty disk', { scsi0: 'local-lvm:8' }],
		[
			'a disk that is not in the boot order',
			{ scsi0: 'local-lvm:8', scsi1: IMAGE, boot: 'order=scsi0' },
		],
	])('is not on %s', async (_what, form) => {
		await create(500, form);
		await start(500);
		await emulator.clock.sleep(10_000);
		expect(vm(500)).toMatchObject({ status: 'running', agentRuns: false });
	});

	it.each([
		['a full clone', { full: '1' }],
		['a linked clone', { full: '0' }],
	])('is on %s of the template', async (_what, form) => {
		await run(`${NODE}/qemu/8000/clone`, { newid: '500', ...form });
		await start(500);
		await addressesOf(500);
	});

	it('is on a restored VM, from the backup that is there and from a new one', async () => {
		const backups = await rows(`${NODE}/storage/local/content?content=backup`);
		const backup = backups.find(({ vmid }) => vmid === 100);
		await run(`${NODE}/qemu`, {
			vmid: '500',
			archive: String(backup?.volid),
			storage: 'local-lvm',
		});
		await start(500);
		await addressesOf(500);
		await run(`${NODE}/vzdump`, { vmid: '500', storage: 'local' });
		const all = await rows(`${NODE}/storage/local/content?content=backup`);
		const archive = String(all.find(({ vmid }) => vmid === 500)?.volid);
		await run(`${NODE}/qemu`, { vmid: '501', archive, storage: 'local-lvm' });
		await start(501);
		await addressesOf(501);
	});

	it('is on a disk that was moved', async () => {
		await create(500, { scsi0: IMAGE });
		emulator.state.storages.get('local')?.content.push('images');
		await run(`${NODE}/qemu/500/move_disk`, { disk: 'scsi0', storage: 'local' });
		await start(500);
		await addressesOf(500);
	});

	it('shuts down when it is asked to', async () => {
		await create(500, { scsi0: IMAGE, agent: '0' });
		await start(500);
		await run(`${NODE}/qemu/500/status/shutdown`);
		expect(vm(500)?.status).toBe('stopped');
	});
});
