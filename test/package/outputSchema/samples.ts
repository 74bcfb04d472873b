import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { Vm, Volume } from '../../../tools/emulator';
import { newGuest } from '../../../tools/emulator/guest/guestSystem';
import { newVm } from '../../../tools/emulator/state/load';
import { json } from '../../reliability/faults/ingredients';
import {
	addContainer as addTo,
	addContainerBackup,
	addTemplate,
	newContainer,
} from '../../support/containerLab';
import { addOva, exportedVm } from '../../support/addOva';
import { addNode, onPve1, readApi, type Lab } from '../../support/lab';

const ARCHIVE = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';
const VERIFIED = { state: 'ok', upid: 'UPID:pbs:1' } as const;
const TASKS = '/nodes/pve1/tasks';
const quick = { maxPollInterval: 0.1 };
/** The same without a wait, in each operation's way to say so. */
const unwaited = (parameters: INodeParameters): INodeParameters => ({
	...parameters,
	waitForCompletion: false,
	options: { ...Object(parameters.options), waitUntil: 'nothing' },
});
const picked = (value: unknown) => ({ __rl: true, mode: 'list', value: String(value) });

/** A cluster of its own for each operation, and what the node emits there. */
interface Stage {
	readonly lab: Lab;
	/** Runs the node and gives the items of all its outputs. @throws where the node fails */
	emit(parameters: INodeParameters): Promise<IDataObject[]>;
	/** Puts a VM into the cluster. @returns its ID */
	add(vm?: Partial<Vm>): number;
	/** Puts a backup of VM 100 into the storage "local", or another one. @returns its volume ID */
	store(backup: { volid: string } & Partial<Volume>): string;
	/** An answer of the API, once. */
	answer(method: string, path: string | RegExp, data: unknown): void;
}

function stageOf(lab: Lab): Stage {
	const { state, faults } = lab.emulator;
	return {
		lab,
		async emit(parameters) {
			const { items, error } = await lab.run(parameters);
			if (error) throw error;
			return items.flatMap((output) => (output ?? []).map(({ json }) => json));
		},
		add(vm = {}) {
			const vmid = Math.max(...state.vms.keys()) + 1;
			state.vms.set(vmid, {
				...newVm(vmid, 'pve1', { name: 'added' }),
				agentRuns: true,
				startedAt: 1,
				...vm,
			});
			return vmid;
		},
		store(backup) {
			const whole = state.volumes.get(ARCHIVE);
			if (!whole) throw new Error('the state has no backup');
			state.volumes.set(backup.volid, Object.assign({}, whole, backup));
			return backup.volid;
		},
		answer: (method, path, data) =>
			faults.onRequest({ method, path, effect: json(200, 'OK', { data }) }),
	};
}

/** A Proxmox Backup Server that verifies what is new at once, and warns. */
function verifyAtOnce({ lab }: Stage): void {
	const { state, tasks } = lab.emulator;
	const set = state.volumes.set.bind(state.volumes);
	state.volumes.set = (volid, volume) => {
		for (const { type, log } of tasks.all()) if (type === 'vzdump') log.push('WARN: odd');
		return set(volid, { ...volume, verification: VERIFIED, format: 'pbs-vm' });
	};
}

/** What an operation emits whose task ends well, ends with warnings, and is not waited for. */
async function everyEnd(
	{ lab, emit }: Stage,
	type: string,
	parameters: () => INodeParameters,
): Promise<IDataObject[]> {
	const well = await emit(parameters());
	lab.emulator.faults.onTask({ type, warnings: ['odd'] });
	return [...well, ...(await emit(parameters())), ...(await emit(unwaited(parameters())))];
}

/** What a create emits with an image from a URL and cloud-init files, which are removed after the first boot or not. */
async function fromImage({ lab, emit }: Stage): Promise<IDataObject[]> {
	const imageUrl = 'https://images.example/fresh.qcow2';
	const { web, storages } = lab.emulator.state;
	web.set(imageUrl, { size: 1_000, sums: {}, disk: { format: 'qcow2', size: 2 ** 30 } });
	storages.get('local')?.content.push('import', 'iso');
	lab.emulator.state.boot = () => ({ agentSeconds: 0, cloudInit: { seconds: 0 } });
	const items: IDataObject[] = [];
	for (const removeAfterBoot of [true, false])
		items.push(
			...(await emit({
				profile: 'linuxCloudImage',
				diskSource: 'url',
				imageUrl,
				storage: picked('local'),
				moreSettings: ['imageDownload', 'cloudInitFiles'],
				imageDownload: { storage: picked('local') },
				cloudInitFiles: { userData: '#cloud-config\nlocale: C', removeAfterBoot },
				start: true,
				options: { ...quick, waitUntil: 'cloudInit' },
			})),
		);
	return items;
}

/** What an operation emits for a VM that is so new that the list of the cluster has no name of it. */
async function nameless(
	{ emit, answer }: Stage,
	parameters: INodeParameters,
): Promise<IDataObject[]> {
	const { value } = parameters.vm as { value: string };
	const type = parameters.resource === 'container' ? 'lxc' : 'qemu';
	answer('GET', '/cluster/resources', [{ type, vmid: Number(value), node: 'pve1' }]);
	return await emit(parameters);
}

/** Puts a VM with a disk into the cluster. @returns its ID */
function withDisk({ lab, add }: Stage, name: string): number {
	const vmid = add();
	const volid = `local:${vmid}/vm-${vmid}-disk-0.qcow2`;
	const { vms, volumes } = lab.emulator.state;
	volumes.set(volid, {
		volid,
		storage: 'local',
		vmid,
		size: 1024 ** 3,
		used: 0,
		ctime: 1,
		content: 'images',
		format: 'qcow2',
	});
	Object.assign(vms.get(vmid) ?? {}, {
		config: { [name]: name.startsWith('unused') ? volid : `${volid},size=1G` },
	});
	return vmid;
}

/** What an operation emits whose request is carried out, and whose response is lost. */
async function lost(
	{ lab, emit }: Stage,
	method: string,
	path: RegExp,
	parameters: INodeParameters,
): Promise<IDataObject[]> {
	lab.emulator.faults.onRequest({ method, path, when: 'after', effect: 'reset' });
	return await emit(parameters);
}

/** Moves a guest into a pool, and out of it. */
async function moved({ emit }: Stage, parameters: INodeParameters): Promise<IDataObject[]> {
	const into = await emit({ ...parameters, options: { pool: picked('dev') } });
	return [...into, ...(await emit({ ...parameters, delete: 'pool' }))];
}

/** An operation that does nothing but to start a task of a VM. */
const change =
	(
		operation: string,
		type: string,
		request: [method: string, path: RegExp],
		vm: Partial<Vm> = {},
	) =>
	async (stage: Stage): Promise<IDataObject[]> => {
		const parameters = () => ({ operation, vm: picked(stage.add(vm)) });
		return [
			...(await everyEnd(stage, type, parameters)),
			...(await lost(stage, ...request, parameters())),
			...(await nameless(stage, parameters())),
		];
	};

/** What a guest agent reports: an interface of the VM's network card, and one whose name is none. */
const interfacesOf = ({ config }: Pick<Vm, 'config'>): unknown => [
	{
		name: 'eth0',
		'hardware-address': /(?:\w\w:){5}\w\w/.exec(String(config.net0))?.[0],
		'ip-addresses': [{ 'ip-address': '192.0.2.10' }],
	},
	{ name: '$(x)' },
];

/** Create and Restore: with a name, started, with addresses, and one that is there already and whose task is forgotten. */
async function make(
	stage: Stage,
	type: string,
	parameters: INodeParameters,
): Promise<IDataObject[]> {
	const { lab, emit, answer } = stage;
	const keyed = {
		...parameters,
		name: 'web-1',
		netList: { values: [{ model: 'virtio', bridge: picked('vmbr0'), options: {} }] },
		start: true,
		general: { agent_enabled: true },
		options: {
			...quick,
			waitUntil: 'ip',
			readyTimeout: 0.1,
			idempotencyKey: 'order-1',
			ifExists: 'return',
		},
	};
	const items = [...(await everyEnd(stage, type, () => parameters)), ...(await emit(keyed))];
	const made = lab.emulator.state.vms.get(Number(items.at(-1)?.vmid));
	if (made) Object.assign(made, { agentRuns: true, guestInterfaces: () => interfacesOf(made) });
	items.push(...(await emit(keyed)));
	answer('GET', TASKS, []);
	items.push(...(await emit(keyed)));
	return [
		...items,
		...(await booted(stage, () => ({ ...parameters, start: true, general: keyed.general }))),
	];
}

/** Create, of a VM that exists and runs: one setting waits for its next start, and one is new. */
async function updated({ add, emit }: Stage): Promise<IDataObject[]> {
	const config = { cores: 1, memory: '512' };
	const vmId = String(add({ status: 'running', config }));
	return await emit({
		cores: 2,
		general: { tags: 'a' },
		options: { ...quick, vmId, ifExists: 'update' },
	});
}

/** What an operation emits that waits for cloud-init: one that failed, and one that did not run. */
async function booted(
	{ lab, emit }: Stage,
	parameters: () => INodeParameters,
): Promise<IDataObject[]> {
	const options = { ...quick, waitUntil: 'cloudInit', readyTimeout: 10 };
	const items: IDataObject[] = [];
	for (const cloudInit of [{ seconds: 0, errors: ['odd'] }, { isDisabled: true }]) {
		lab.emulator.state.boot = (vm) => {
			vm.guestInterfaces = () => interfacesOf(vm);
			return { agentSeconds: 0, cloudInit };
		};
		items.push(...(await emit({ ...parameters(), options })));
	}
	return items;
}

/** A task of no VM, by a user without a token. */
const taskOfNone = ({ lab }: Stage, isEndless = false): string =>
	lab.emulator.tasks.start({
		type: 'startall',
		id: '',
		authId: 'root@pam',
		// Fast time would jump to the end of a long one while the machine is busy.
		run: async ({ signal }) => {
			if (isEndless)
				await new Promise((_, stop) => {
					signal.addEventListener('abort', () => stop(signal.reason as Error));
				});
		},
	});

/** The operations of Task: on one that has ended, one of no VM, and one that runs. */
async function look(stage: Stage, operation: string): Promise<IDataObject[]> {
	const { lab, emit } = stage;
	const on = async (upid: unknown) =>
		await emit({
			resource: 'task',
			operation,
			upid: String(upid),
			options: { ...quick, waitAtMost: 1 },
		});
	lab.emulator.faults.onTask({ type: 'qmcreate', warnings: ['odd'] });
	const { upid } = await lab.output({});
	return [
		...(await on(upid)),
		...(await on(taskOfNone(stage))),
		...(await on(taskOfNone(stage, true))),
	];
}

/** An operation of the guest agent, on a guest of its own. */
async function onAgent(
	stage: Stage,
	operation: string,
	parameters: INodeParameters,
	refused: string[] = [],
	isNameless = false,
): Promise<IDataObject[]> {
	const { emit, add } = stage;
	const config = { name: 'web-1', agent: '1', net0: 'virtio=BC:24:11:00:00:04,bridge=vmbr0' };
	const guest = newGuest('web-1');
	for (const command of refused) guest.disabled.add(command);
	const vm = { config, guest, status: 'running', pid: 4242 } as const;
	const guestInterfaces = () => interfacesOf({ config });
	const vmid = add({ ...vm, guestInterfaces });
	const all = { resource: 'guestAgent', operation, vm: picked(vmid), ...parameters };
	return isNameless ? await nameless(stage, all) : await emit(all);
}

/** Puts a container into the cluster. @returns its ID */
const addContainer = ({ lab }: Stage, vm: Partial<Vm> = {}): number => addTo(lab.emulator, vm);

/** As `change`, of a container. */
const changeContainer =
	(
		operation: string,
		type: string,
		request: [method: string, path: RegExp],
		{ isRunning = false, ...more }: INodeParameters & { isRunning?: boolean } = {},
	) =>
	async (stage: Stage): Promise<IDataObject[]> => {
		const parameters = (): INodeParameters => ({
			resource: 'container',
			operation,
			vm: picked(
				addContainer(stage, isRunning ? { status: 'running', pid: 4242, startedAt: 1 } : {}),
			),
			...more,
		});
		return [
			...(await everyEnd(stage, type, parameters)),
			...(await lost(stage, ...request, parameters())),
			...(await nameless(stage, parameters())),
		];
	};

/** Create and Restore of a container, as `make` does it for VMs. */
async function makeContainer(
	stage: Stage,
	type: string,
	parameters: INodeParameters,
): Promise<IDataObject[]> {
	const { emit, answer } = stage;
	const keyed = {
		...parameters,
		hostname: 'web-1',
		start: true,
		options: {
			...Object(parameters.options),
			waitUntil: 'ip',
			readyTimeout: 0.1,
			idempotencyKey: 'order-1',
			ifExists: 'return',
		},
	};
	const items = [...(await everyEnd(stage, type, () => parameters)), ...(await emit(keyed))];
	stage.lab.emulator.faults.onRequest({
		method: 'GET',
		path: /\/interfaces$/,
		effect: json(200, 'OK', {
			data: [{ name: '$(x)' }, { name: 'eth9', hwaddr: '02:00:00:00:00:01', inet: '192.0.2.7/24' }],
		}),
	});
	items.push(...(await emit(keyed)));
	answer('GET', TASKS, []);
	return [...items, ...(await emit(keyed))];
}

/** Create, of a container that exists and runs: one setting waits for its next start, and one is new. */
async function updatedContainer(stage: Stage, parameters: INodeParameters): Promise<IDataObject[]> {
	const vmId = String(addContainer(stage, { status: 'running', pid: 4242, startedAt: 1 }));
	return await stage.emit({
		...parameters,
		memory_current: 2048,
		system: { cmode: 'shell' },
		general: { tags: 'a' },
		options: { ...quick, vmId, ifExists: 'update' },
	});
}

const newContainerOf = ({ lab }: Stage): INodeParameters => {
	addTemplate(lab.emulator);
	return { ...newContainer, ip: '192.0.2.5/24', options: { ...quick, node: picked('pve1') } };
};

/** A container from an image that is pulled first, and one from the same image. */
async function fromRegistry(
	{ lab, emit }: Stage,
	parameters: INodeParameters,
): Promise<IDataObject[]> {
	const image = 'docker.io/library/nginx:1.29';
	lab.emulator.state.registry.set(image, { ostype: 'debian' });
	const oci = { ...parameters, ostemplate: { __rl: true, mode: 'oci', value: image } };
	return [...(await emit(oci)), ...(await emit(oci))];
}

const ofContainers: Readonly<Record<string, (stage: Stage) => Promise<IDataObject[]>>> = {
	async 'container create'(stage) {
		const parameters = newContainerOf(stage);
		return [
			...(await stage.emit({ ...parameters, options: quick })),
			...(await fromRegistry(stage, parameters)),
			...(await makeContainer(stage, 'vzcreate', parameters)),
			...(await updatedContainer(stage, parameters)),
		];
	},
	async 'container clone'(stage) {
		const clone = (more: INodeParameters = {}): INodeParameters => ({
			resource: 'container',
			operation: 'clone',
			vm: picked(
				addContainer(stage, {
					config: { net0: 'name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:09,ip=192.0.2.9/24' },
				}),
			),
			newIdMode: 'next',
			full: true,
			options: quick,
			...more,
		});
		const items = await everyEnd(stage, 'vzclone', () => clone());
		items.push(...(await stage.emit(clone({ options: { ...quick, spread: true } }))));
		const options = { ...quick, idempotencyKey: 'order-2', ifExists: 'return' };
		const keyed = clone({ hostname: 'web-2', options });
		items.push(...(await stage.emit(keyed)));
		stage.answer('GET', TASKS, []);
		items.push(...(await stage.emit(keyed)));
		const started = { start: true, options: { ...quick, waitUntil: 'ip', readyTimeout: 0.1 } };
		items.push(...(await stage.emit(clone(started))));
		stage.answer('GET', /\/interfaces$/, [{ name: '$(x)' }]);
		return [...items, ...(await stage.emit(clone(started)))];
	},
	async 'container restore'(stage) {
		const { emulator } = stage.lab;
		const restore: INodeParameters = {
			resource: 'container',
			operation: 'restore',
			node: picked('pve1'),
			archive: picked(addContainerBackup(emulator)),
			options: quick,
		};
		const over = {
			...restore,
			vmIdMode: 'fixed',
			vmId: picked(addContainer(stage)),
			restore: { force: true },
		};
		const items = await makeContainer(stage, 'vzrestore', restore);
		items.push(...(await stage.emit(over)));
		stage.lab.emulator.faults.onRequest({
			method: 'GET',
			path: /\/status\/current$/,
			effect: { status: 403, phrase: 'Permission check failed (/vms/200, VM.Audit)' },
		});
		items.push(...(await stage.emit(over)));
		addContainerBackup(emulator, { time: '2026_11_18-11_06_40', ctime: 1_795_000_000 });
		const newest = { backupSource: 'newest', backupVm: picked(300) };
		return [
			...items,
			...(await stage.emit({ ...restore, ...newest, backupStorage: picked('local') })),
		];
	},
	async 'container get'(stage) {
		const get = async (vmid: number, more: INodeParameters = {}) =>
			await stage.emit({
				resource: 'container',
				operation: 'get',
				vm: picked(vmid),
				simplify: false,
				options: { ipAddresses: true },
				...more,
			});
		const config = {
			description: 'notes',
			tags: 'a;b',
			cores: 2,
			features: 'nesting=1',
			onboot: 1,
			protection: 0,
			mp0: 'local:1/vm-1-disk-1.raw,mp=/data,size=1G',
			net0: 'name=eth0,bridge=vmbr0,firewall=1,gw=192.0.2.1,hwaddr=BC:24:11:00:00:04,ip=192.0.2.10/24,tag=20,type=veth',
			nameserver: '192.0.2.53',
		};
		const running = { status: 'running', pid: 4242, startedAt: 1 } as const;
		const items = await get(addContainer(stage, { ...running, config }));
		stage.answer('GET', /\/interfaces$/, [{ name: '$(x)' }]);
		items.push(...(await get(addContainer(stage, running))));
		stage.lab.emulator.faults.onRequest({
			method: 'GET',
			path: /\/interfaces$/,
			effect: { status: 403, phrase: 'Permission check failed (/vms/200, VM.Audit)' },
		});
		return [
			...items,
			...(await get(addContainer(stage, running))),
			...(await get(addContainer(stage, { config: { cores: 2 } }), { simplify: true })),
			...(await get(addContainer(stage, { config: { lock: 'backup' } }))),
			...(await get(addContainer(stage), { simplify: true })),
		];
	},
	async 'container getAll'(stage) {
		addContainer(stage, { haManaged: 'started', config: { tags: 'a' } });
		addContainer(stage, { config: { lock: 'backup' } });
		const list = {
			resource: 'container',
			operation: 'getAll',
			returnAll: true,
			simplify: false,
		};
		const items = await stage.emit(list);
		const nameless = { type: 'lxc', vmid: 300, node: 'pve1', status: 'unknown', pool: 'prod' };
		stage.answer('GET', '/cluster/resources', [nameless]);
		return [...items, ...(await stage.emit(list))];
	},
	async 'container update'(stage) {
		const change = changeContainer('update', 'vzconfig', ['PUT', /\/config$/], {
			specifyVm: 'json',
			vmJson: '{"onboot":true,"nameserver":"192.0.2.53"}',
			isRunning: true,
		});
		const vm = picked(addContainer(stage));
		return [
			...(await change(stage)),
			...(await moved(stage, { resource: 'container', operation: 'update', vm })),
		];
	},
	async 'container start'(stage) {
		const items = await changeContainer('start', 'vzstart', ['POST', /\/start$/])(stage);
		const start = async () =>
			await stage.emit({
				resource: 'container',
				operation: 'start',
				vm: picked(
					addContainer(stage, {
						config: { net0: 'name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:09,ip=192.0.2.9/24' },
					}),
				),
				options: { ...quick, waitUntil: 'ip', readyTimeout: 0.1 },
			});
		items.push(...(await start()));
		stage.answer('GET', /\/interfaces$/, [{ name: '$(x)' }]);
		return [...items, ...(await start())];
	},
	'container shutdown': changeContainer('shutdown', 'vzshutdown', ['POST', /\/shutdown$/], {
		isRunning: true,
	}),
	'container stop': changeContainer('stop', 'vzstop', ['POST', /\/stop$/], { isRunning: true }),
	'container reboot': changeContainer('reboot', 'vzreboot', ['POST', /\/reboot$/], {
		isRunning: true,
	}),
	async 'container resizeVolume'(stage) {
		const resize = (size = '+1G') => ({
			resource: 'container',
			operation: 'resizeVolume',
			vm: picked(addContainer(stage)),
			disk: picked('rootfs'),
			size,
		});
		return [
			...(await everyEnd(stage, 'resize', () => resize())),
			...(await lost(stage, 'PUT', /\/resize$/, resize('5G'))),
			...(await nameless(stage, resize())),
		];
	},
	async 'container migrate'(stage) {
		addNode(stage.lab);
		const move = changeContainer('migrate', 'vzmigrate', ['POST', /\/migrate$/], {
			target: picked('pve2'),
		});
		const isThere = changeContainer('migrate', 'vzmigrate', ['POST', /\/migrate$/], {
			target: picked('pve1'),
		});
		return [...(await move(stage)), ...(await isThere(stage))];
	},
	async 'container moveVolume'(stage) {
		stage.lab.emulator.state.storages.get('lab')?.content.push('rootdir');
		const move = changeContainer('moveVolume', 'move_volume', ['POST', /\/move_volume$/], {
			disk: picked('rootfs'),
			storage: picked('lab'),
		});
		const give = (more: INodeParameters = {}): INodeParameters => {
			const vmid = addContainer(stage);
			const { volumes, vms } = stage.lab.emulator.state;
			const root = volumes.get(`local:${vmid}/vm-${vmid}-disk-0.raw`);
			const volid = `local:${vmid}/vm-${vmid}-disk-1.raw`;
			if (root) volumes.set(volid, { ...root, volid });
			Object.assign(vms.get(vmid)?.config ?? {}, { mp0: `${volid},mp=/data,size=1G` });
			return {
				resource: 'container',
				operation: 'moveVolume',
				vm: picked(vmid),
				disk: picked('mp0'),
				storage: picked(''),
				options: { 'target-vmid': addContainer(stage) },
				...more,
			};
		};
		return [
			...(await move(stage)),
			...(await stage.emit(give())),
			...(await stage.emit(give({ waitForCompletion: false }))),
		];
	},
	'container convertToTemplate': changeContainer('convertToTemplate', 'vztemplate', [
		'POST',
		/\/template$/,
	]),
	'container delete': changeContainer('delete', 'vzdestroy', ['DELETE', /\/lxc\/\d+$/]),
};

const all: Readonly<Record<string, (stage: Stage) => Promise<IDataObject[]>>> = {
	...ofContainers,
	'virtualMachine create': async (stage) => [
		...(await stage.emit({ node: { __rl: true, mode: 'list', value: '' } })),
		...(await make(stage, 'qmcreate', {})),
		...(await fromImage(stage)),
		...(await updated(stage)),
	],
	async 'virtualMachine import'(stage) {
		const parameters = {
			operation: 'import',
			importFrom: picked(addOva(stage.lab.emulator)),
			storage: picked('local'),
			bridge: picked('vmbr0'),
			otherParameters: { values: [{ parameter: 'agent', value: '1' }] },
		};
		const { web } = stage.lab.emulator.state;
		const url = 'https://images.example/data.qcow2';
		web.set(url, { size: 1_000, sums: {}, disk: { format: 'qcow2', size: 2 ** 30 } });
		const data = { parameter: 'scsi', slot: 1, value: `local:0,import-from=${url}` };
		const withData = { ...parameters, otherParameters: { values: [data] } };
		const vmId = String(stage.add({ status: 'running', config: { cores: 1, memory: '512' } }));
		const tags = { values: [{ parameter: 'tags', value: 'a' }] };
		const noName = { ...exportedVm, name: undefined };
		const options = { ...quick, vmId, ifExists: 'update' };
		return [
			...(await make(stage, 'qmcreate', parameters)),
			...(await stage.emit({ ...parameters, cores: 2, otherParameters: tags, options })),
			...(await stage.emit(withData)),
			...(await stage.emit(withData)),
			...(await stage.emit({
				...parameters,
				importFrom: picked(addOva(stage.lab.emulator, 'local:import/a.ova', noName)),
			})),
		];
	},
	async 'virtualMachine restore'(stage) {
		const items = await make(stage, 'qmrestore', {
			operation: 'restore',
			archive: picked(ARCHIVE),
		});
		const over = {
			operation: 'restore',
			vmIdMode: 'fixed',
			vmId: picked(stage.add()),
			archive: picked(ARCHIVE),
			restore: { force: true },
		};
		items.push(...(await stage.emit(over)));
		// A user who may overwrite a VM need not be allowed to look at it.
		stage.lab.emulator.faults.onRequest({
			method: 'GET',
			path: /\/status\/current$/,
			effect: { status: 403, phrase: 'Permission check failed (/vms/200, VM.Audit)' },
		});
		items.push(...(await stage.emit(over)));
		stage.store({
			volid: 'local:backup/vzdump-qemu-100-2026_11_18-11_06_40.vma.zst',
			ctime: 1_795_000_000,
		});
		return [
			...items,
			...(await stage.emit({
				operation: 'restore',
				backupSource: 'newest',
				backupVm: picked(100),
				backupStorage: picked('local'),
			})),
		];
	},
	async 'virtualMachine clone'(stage) {
		const clone = { operation: 'clone', vm: picked(100), newIdMode: 'next', full: true };
		const items = await everyEnd(stage, 'qmclone', () => clone);
		const { emit, answer } = stage;
		items.push(...(await emit({ ...clone, options: { ...quick, spread: true } })));
		const original = stage.lab.emulator.state.vms.get(100);
		Object.assign(original?.config ?? {}, {
			agent: '1',
			net0: 'virtio=BC:24:11:00:00:04,bridge=vmbr0',
		});
		const options = { ...quick, idempotencyKey: 'order-2', ifExists: 'return' };
		items.push(...(await emit({ ...clone, name: 'web-2', options })));
		answer('GET', TASKS, []);
		items.push(...(await emit({ ...clone, options })));
		items.push(...(await booted(stage, () => ({ ...clone, start: true }))));
		stage.lab.emulator.state.storages.get('local')?.content.push('iso');
		stage.lab.emulator.state.boot = () => ({ agentSeconds: 0, cloudInit: { seconds: 0 } });
		for (const removeAfterBoot of [true, false])
			items.push(
				...(await emit({
					...clone,
					cloudInitFiles: { userData: '#cloud-config\nlocale: C', removeAfterBoot },
					start: true,
					options: { ...quick, waitUntil: 'cloudInit' },
				})),
			);
		return items;
	},
	async 'virtualMachine get'({ emit, add }) {
		const config = {
			name: 'web-1',
			description: 'notes',
			tags: 'a;b',
			ostype: 'l26',
			cores: 2,
			sockets: 1,
			memory: '2048',
			cpu: 'host',
			bios: 'seabios',
			agent: '1',
			boot: 'order=scsi0',
			onboot: 1,
			protection: 0,
			scsihw: 'virtio-scsi-single',
			scsi0: 'local:100/vm-100-disk-0.raw,size=1G',
			net0: 'virtio=BC:24:11:00:00:04,bridge=vmbr0,firewall=1,tag=20',
			ciuser: 'admin',
			ipconfig0: 'ip=192.0.2.10/24,gw=192.0.2.1',
			smbios1: 'uuid=35ac12a0-bf85-4221-a511-cfacbb61713b',
		};
		const get = async (vmid: number) =>
			await emit({
				operation: 'get',
				vm: picked(vmid),
				simplify: false,
				options: { ipAddresses: true },
			});
		// 103 is locked, and its guest tells no addresses.
		return [
			...(await get(
				add({
					config,
					status: 'running',
					pid: 4242,
					guestInterfaces: () => interfacesOf({ config }),
				}),
			)),
			...(await get(103)),
			...(await emit({ operation: 'get', vm: picked(100) })),
			// It sets neither cores nor memory.
			...(await emit({ operation: 'get', vm: picked(add({ config: { name: 'bare' } })) })),
		];
	},
	async 'virtualMachine getAll'({ emit, add }) {
		add({ haManaged: 'started', config: { tags: 'a' } });
		return await emit({ operation: 'getAll', returnAll: true, simplify: false });
	},
	async 'virtualMachine update'(stage) {
		const vm = stage.add({ status: 'running', pid: 4242 });
		let cores = 1;
		const parameters = () => ({ operation: 'update', vm: picked(vm), cores: ++cores });
		return [
			...(await everyEnd(stage, 'qmconfig', parameters)),
			...(await lost(stage, 'POST', /\/config$/, parameters())),
			...(await nameless(stage, parameters())),
			...(await moved(stage, parameters())),
		];
	},
	async 'virtualMachine start'(stage) {
		const items = await change('start', 'qmstart', ['POST', /\/start$/])(stage);
		const config = { agent: '1', net0: 'virtio=BC:24:11:00:00:04,bridge=vmbr0' };
		const ready = await booted(stage, () => ({
			operation: 'start',
			vm: picked(stage.add({ config })),
		}));
		return [...items, ...ready];
	},
	'virtualMachine shutdown': change('shutdown', 'qmshutdown', ['POST', /\/shutdown$/], {
		status: 'running',
		pid: 4242,
	}),
	'virtualMachine stop': change('stop', 'qmstop', ['POST', /\/stop$/], {
		status: 'running',
		pid: 4242,
	}),
	'virtualMachine reboot': change('reboot', 'qmreboot', ['POST', /\/reboot$/], {
		status: 'running',
		pid: 4242,
	}),
	'virtualMachine suspend': change('suspend', 'qmpause', ['POST', /\/suspend$/], {
		status: 'running',
		pid: 4242,
	}),
	'virtualMachine hibernate': change('hibernate', 'qmsuspend', ['POST', /\/suspend$/], {
		status: 'running',
		pid: 4242,
	}),
	'virtualMachine resume': change('resume', 'qmresume', ['POST', /\/resume$/], {
		status: 'running',
		pid: 4242,
		paused: true,
	}),
	async 'virtualMachine reset'(stage) {
		// That a VM was reset cannot be seen, so a lost response is an error.
		const parameters = () => ({
			operation: 'reset',
			vm: picked(stage.add({ status: 'running', pid: 4242 })),
		});
		const items = await everyEnd(stage, 'qmreset', parameters);
		return [...items, ...(await nameless(stage, parameters()))];
	},
	async 'virtualMachine migrate'(stage) {
		addNode(stage.lab);
		const parameters = (target = 'pve2') => ({
			operation: 'migrate',
			vm: picked(stage.add()),
			target: picked(target),
		});
		return [
			...(await everyEnd(stage, 'qmigrate', parameters)),
			...(await stage.emit(parameters('pve1'))),
			...(await lost(stage, 'POST', /\/migrate$/, parameters())),
			...(await nameless(stage, parameters('pve1'))),
		];
	},
	async 'virtualMachine moveDisk'(stage) {
		const parameters = () => ({
			operation: 'moveDisk',
			vm: picked(withDisk(stage, 'scsi0')),
			disk: picked('scsi0'),
			storage: picked('lab'),
		});
		return [
			...(await everyEnd(stage, 'qmmove', parameters)),
			...(await lost(stage, 'POST', /\/move_disk$/, parameters())),
			...(await nameless(stage, parameters())),
		];
	},
	async 'virtualMachine detachDisk'(stage) {
		const parameters = () => ({
			operation: 'detachDisk',
			vm: picked(withDisk(stage, 'scsi0')),
			disk: picked('scsi0'),
		});
		return [
			...(await everyEnd(stage, 'qmconfig', parameters)),
			...(await lost(stage, 'POST', /\/config$/, parameters())),
			...(await nameless(stage, parameters())),
		];
	},
	async 'virtualMachine attachDisk'(stage) {
		const parameters = () => ({
			operation: 'attachDisk',
			vm: picked(withDisk(stage, 'unused0')),
			unusedDisk: picked('unused0'),
		});
		return [
			...(await everyEnd(stage, 'qmconfig', parameters)),
			...(await lost(stage, 'POST', /\/config$/, parameters())),
			...(await nameless(stage, parameters())),
		];
	},
	async 'virtualMachine regenerateCloudInit'(stage) {
		const config = { ide2: 'local:cloudinit,media=cdrom' };
		const parameters = () => ({
			operation: 'regenerateCloudInit',
			vm: picked(stage.add({ config })),
		});
		return [...(await stage.emit(parameters())), ...(await nameless(stage, parameters()))];
	},
	async 'virtualMachine resizeDisk'(stage) {
		const resize = { operation: 'resizeDisk', vm: picked(100), disk: picked('scsi0'), size: '+1G' };
		const items = await everyEnd(stage, 'resize', () => resize);
		// Proxmox VE 7 names no task.
		stage.answer('PUT', '/nodes/pve1/qemu/100/resize', null);
		items.push(...(await stage.emit(resize)));
		return [...items, ...(await nameless(stage, resize))];
	},
	'virtualMachine convertToTemplate': change('convertToTemplate', 'qmtemplate', [
		'POST',
		/\/template$/,
	]),
	'virtualMachine delete': change('delete', 'qmdestroy', ['DELETE', /\/qemu\/\d+$/]),
	async 'snapshot create'(stage) {
		let count = 0;
		const parameters = () => ({
			resource: 'snapshot',
			operation: 'create',
			vm: picked(104),
			snapname: `s${++count}`,
			vmstate: true,
		});
		return [
			...(await everyEnd(stage, 'qmsnapshot', parameters)),
			...(await lost(stage, 'POST', /\/snapshot$/, { ...parameters(), vm: picked(stage.add()) })),
			...(await nameless(stage, { ...parameters(), vm: picked(stage.add()) })),
		];
	},
	async 'snapshot getAll'(stage) {
		const list = { resource: 'snapshot', operation: 'getAll', returnAll: true };
		const whole = { name: 's1', snaptime: 1, vmstate: false, config: {} };
		const vm = stage.add({
			config: { parent: 's1' },
			snapshots: [
				{ ...whole, description: 'x' },
				{ ...whole, name: 's2', parent: 's1', snapstate: 'delete' },
			],
		});
		const items = await stage.emit({ ...list, vm: picked(vm) });
		stage.answer('GET', /\/snapshot$/, [{ name: 'odd' }]);
		items.push(...(await stage.emit({ ...list, vm: picked(vm) })));
		return [...items, ...(await nameless(stage, { ...list, vm: picked(vm) }))];
	},
	async 'snapshot rollback'(stage) {
		const whole = { snaptime: 1, vmstate: false, config: {} };
		const parameters = (more: INodeParameters = {}): INodeParameters => ({
			resource: 'snapshot',
			operation: 'rollback',
			vm: picked(
				stage.add({
					snapshots: [
						{ ...whole, name: 's1' },
						{ ...whole, name: 's2', parent: 's1' },
					],
				}),
			),
			snapname: picked('s1'),
			...more,
		});
		stage.answer('GET', /\/snapshot$/, [{ name: 's1' }]);
		return [
			...(await everyEnd(stage, 'qmrollback', () => parameters())),
			...(await stage.emit(parameters({ start: true }))),
			...(await stage.emit(parameters({ start: true, snapname: picked('s2') }))),
			...(await lost(stage, 'POST', /\/rollback$/, parameters())),
			...(await lost(stage, 'POST', /\/start$/, parameters({ start: true }))),
			...(await nameless(stage, parameters())),
		];
	},
	async 'snapshot delete'(stage) {
		const parameters = () => ({
			resource: 'snapshot',
			operation: 'delete',
			vm: picked(
				stage.add({ snapshots: [{ name: 's1', snaptime: 1, vmstate: false, config: {} }] }),
			),
			snapname: picked('s1'),
		});
		return [
			...(await everyEnd(stage, 'qmdelsnapshot', parameters)),
			...(await lost(stage, 'DELETE', /\/snapshot\//, parameters())),
			...(await nameless(stage, parameters())),
		];
	},
	async 'snapshot keepLast'(stage) {
		const whole = { vmstate: false, config: {} };
		const parameters = () => ({
			resource: 'snapshot',
			operation: 'keepLast',
			vm: picked(
				stage.add({
					snapshots: [
						{ ...whole, name: 'a1', snaptime: 1 },
						{ ...whole, name: 'a2', snaptime: 2, snapstate: 'delete' },
						{ ...whole, name: 'a3', snaptime: 3 },
					],
				}),
			),
			pattern: 'a*',
			keep: 1,
		});
		return [
			...(await stage.emit(parameters())),
			...(await lost(stage, 'DELETE', /\/snapshot\//, parameters())),
			...(await nameless(stage, parameters())),
		];
	},
	async 'guestAgent executeCommand'(stage) {
		const execute = async (line: string) =>
			await onAgent(stage, 'executeCommand', { command: line, failOnExitCode: false });
		return [
			...(await execute('echo a; echo b >&2; exit 3')),
			...(await execute('kill -9 $$')),
			...(await onAgent(stage, 'executeCommand', { command: 'true' }, [], true)),
		];
	},
	async 'guestAgent getInfo'(stage) {
		const user = { user: 'admin', 'login-time': 1_795_000_000 };
		const rows = [user, { domain: 'D' }];
		stage.answer('GET', /\/get-users$/, { result: rows });
		const options = { fileSystems: true, users: true };
		const items = [
			...(await onAgent(stage, 'getInfo', { options })),
			...(await onAgent(stage, 'getInfo', { options }, ['get-fsinfo'])),
		];
		// A guest that reports next to nothing.
		for (const command of ['info', 'get-host-name', 'get-osinfo', 'get-fsinfo'])
			stage.answer('GET', new RegExp(`/${command}$`), { result: [{}] });
		items.push(...(await onAgent(stage, 'getInfo', { options })));
		return [...items, ...(await onAgent(stage, 'getInfo', {}, [], true))];
	},
	async 'guestAgent readFile'(stage) {
		const file = '/etc/hostname';
		return [
			...(await onAgent(stage, 'readFile', { file })),
			...(await onAgent(stage, 'readFile', { file, outputFormat: 'binary' })),
			...(await onAgent(stage, 'readFile', { file }, [], true)),
		];
	},
	'guestAgent setPassword': async (stage) => [
		...(await onAgent(stage, 'setPassword', { username: 'user', password: 'secret' })),
		...(await onAgent(stage, 'setPassword', { username: 'user', password: 'secret' }, [], true)),
	],
	'guestAgent writeFile': async (stage) => [
		...(await onAgent(stage, 'writeFile', { file: '/tmp/a', content: 'x' })),
		...(await onAgent(stage, 'writeFile', { file: '/tmp/a', content: 'x' }, [], true)),
	],
	async 'backup getAll'({ emit, store }) {
		store({
			volid: 'local:backup/vzdump-qemu-100-2026_11_18-11_06_40.vma.zst',
			verification: VERIFIED,
			format: 'pbs-vm',
			notes: undefined,
		});
		// What Proxmox does not tell of every backup.
		store({ volid: 'local:backup/vzdump-qemu-odd.vma.zst', vmid: undefined, ctime: undefined });
		return await emit({ resource: 'backup', operation: 'getAll', returnAll: true });
	},
	async 'backup create'(stage) {
		const backup = {
			resource: 'backup',
			operation: 'create',
			vm: picked(104),
			storage: picked('local'),
		};
		const items = await everyEnd(stage, 'vzdump', () => ({
			...backup,
			options: { ...quick, 'notes-template': 'nightly' },
		}));
		verifyAtOnce(stage);
		// The backups of VM 104 may still run, and Proxmox takes one at a time.
		items.push(...(await stage.emit({ ...backup, vm: picked(100) })));
		return [...items, ...(await nameless(stage, { ...backup, vm: picked(100) }))];
	},
	async 'backup createMany'(stage) {
		const backup = {
			resource: 'backup',
			operation: 'createMany',
			vmids: '104',
			storage: picked('local'),
		};
		const items = await everyEnd(stage, 'vzdump', () => ({
			...backup,
			options: { ...quick, 'notes-template': 'nightly' },
		}));
		verifyAtOnce(stage);
		addNode(stage.lab);
		stage.add({ node: 'pve2' });
		stage.answer('GET', '/cluster/resources', [
			{ type: 'qemu', vmid: 100, node: 'pve1' },
			{ type: 'qemu', vmid: Math.max(...stage.lab.emulator.state.vms.keys()), node: 'pve2' },
		]);
		return [...items, ...(await stage.emit({ ...backup, guests: 'all' }))];
	},
	async 'backup update'(stage) {
		const update = (volid = ARCHIVE, updateFields: INodeParameters = { notes: 'kept' }) => ({
			resource: 'backup',
			operation: 'update',
			volid: picked(volid),
			updateFields,
		});
		const { emit, store } = stage;
		const volid = 'local:backup/vzdump-qemu-100-2026_11_18-11_06_40.vma.zst';
		store({ volid, verification: VERIFIED, format: 'pbs-vm' });
		const odd = store({ volid: 'local:backup/odd.vma.zst', vmid: undefined, ctime: undefined });
		return [
			...(await emit(update())),
			...(await emit(update(volid, { notes: '' }))),
			...(await emit(update(odd))),
			...(await lost(stage, 'PUT', /content/, update())),
		];
	},
	async 'backup prune'(stage) {
		const prune = (more: object = {}) => ({
			resource: 'backup',
			operation: 'prune',
			storage: picked('local'),
			keep: { 'keep-last': 1 },
			dryRun: false,
			...more,
		});
		stage.store({ volid: ARCHIVE, protected: true });
		stage.store({ volid: 'local:backup/vzdump-qemu-odd.vma.zst', vmid: undefined });
		const one = (): INodeParameters => {
			for (const day of [1, 2])
				stage.store({
					volid: `local:backup/vzdump-qemu-100-2025_01_0${day}-03_04_05.vma.zst`,
					ctime: day * 86_400,
					protected: false,
				});
			return prune();
		};
		return [
			...(await stage.emit(prune({ dryRun: true }))),
			...(await everyEnd(stage, 'prunebackups', one)),
		];
	},
	async 'backup delete'(stage) {
		const names = [
			ARCHIVE,
			...['odd', 'other', 'last'].map((name) =>
				stage.store({ volid: `local:backup/${name}.vma.zst` }),
			),
		];
		const parameters = () => ({
			resource: 'backup',
			operation: 'delete',
			volid: picked(names.shift()),
		});
		return [
			...(await everyEnd(stage, 'imgdel', parameters)),
			...(await lost(stage, 'DELETE', /\/content\//, parameters())),
		];
	},
	async 'image getAll'({ emit }) {
		return await emit({ resource: 'image', operation: 'getAll', returnAll: true });
	},
	async 'image download'(stage) {
		const { web } = stage.lab.emulator.state;
		const names = ['a', 'b', 'c', 'd'];
		for (const name of names) web.set(`https://images.example/${name}.iso`, { size: 1, sums: {} });
		const parameters = () => ({
			resource: 'image',
			operation: 'download',
			content: 'iso',
			storage: picked('local'),
			url: `https://images.example/${names.shift()}.iso`,
		});
		return [
			...(await everyEnd(stage, 'download', parameters)),
			...(await lost(stage, 'POST', /download-url$/, parameters())),
		];
	},
	async 'image upload'(stage) {
		const { lab } = stage;
		const names = ['a', 'b', 'c', 'd'];
		const emit: Stage['emit'] = async (parameters) => {
			const { items, error } = await lab.engine.runNode({
				parameters: { ...onPve1, ...parameters },
				items: [{}],
				inputBinary: [{ data: { data: 'YQ==', mimeType: 'text/plain' } }],
				credentials: lab.credentials,
			});
			if (error) throw error;
			return (items[0] ?? []).map(({ json }) => json);
		};
		const parameters = () => ({
			resource: 'image',
			operation: 'upload',
			content: 'iso',
			storage: picked('local'),
			options: { ...quick, filename: `${names.shift()}.iso` },
		});
		return [
			...(await everyEnd({ ...stage, emit }, 'imgcopy', parameters)),
			...(await lost({ ...stage, emit }, 'POST', /upload$/, parameters())),
		];
	},
	async 'image createSeed'(stage) {
		const parameters = () => ({
			resource: 'image',
			operation: 'createSeed',
			storage: picked('local'),
			userData: '#cloud-config\nhostname: web-1\n',
		});
		const metaData = 'instance-id: web-1';
		return [
			...(await everyEnd(stage, 'imgcopy', parameters)),
			...(await stage.emit({ ...parameters(), options: { ...quick, metaData } })),
			...(await lost(stage, 'POST', /upload$/, parameters())),
		];
	},
	async 'image delete'(stage) {
		const names = ['a', 'b', 'c', 'd'];
		const volids = names.map((name) =>
			stage.store({ volid: `local:iso/${name}.iso`, content: 'iso' }),
		);
		const parameters = () => ({
			resource: 'image',
			operation: 'delete',
			volid: picked(volids.shift()),
		});
		return [
			...(await everyEnd(stage, 'imgdel', parameters)),
			...(await lost(stage, 'DELETE', /\/content\//, parameters())),
		];
	},
	async 'node get'({ emit, answer, lab }) {
		const items = await emit({ resource: 'node', operation: 'get' });
		const { data } = { data: await readApi(lab.emulator, '/nodes/pve1/status') };
		// A host that does not name its processor.
		answer('GET', '/nodes/pve1/status', { ...data, cpuinfo: { cpus: 1 } });
		return [...items, ...(await emit({ resource: 'node', operation: 'get' }))];
	},
	async 'node getAll'({ emit, answer }) {
		const all = { resource: 'node', operation: 'getAll', returnAll: true };
		const items = await emit(all);
		answer('GET', '/nodes', [{ node: 'pve2', status: 'offline' }]);
		return [...items, ...(await emit(all))];
	},
	'storage get': async ({ emit }) => [
		...(await emit({ resource: 'storage', operation: 'get', storage: picked('local') })),
		...(await emit({ resource: 'storage', operation: 'get', storage: picked('offline') })),
	],
	'storage getAll': async ({ emit }) =>
		await emit({ resource: 'storage', operation: 'getAll', returnAll: true }),
	async 'task getAll'(stage) {
		await look(stage, 'get');
		return await stage.emit({ resource: 'task', operation: 'getAll', returnAll: true });
	},
	async 'apiRequest send'(stage) {
		const start = () => ({
			resource: 'apiRequest',
			operation: 'send',
			method: 'POST',
			path: `/nodes/pve1/qemu/${stage.add()}/status/start`,
		});
		const items = await everyEnd(stage, 'qmstart', start);
		const nothing = { method: 'PUT', path: '/nodes/pve1/qemu/100/config' };
		const cores = { parameters: { values: [{ name: 'cores', value: '2' }] } };
		return [...items, ...(await stage.emit({ ...start(), ...nothing, ...cores }))];
	},
	'task get': async (stage) => await look(stage, 'get'),
	'task getLog': async (stage) => await look(stage, 'getLog'),
	'task wait': async (stage) => await look(stage, 'wait'),
	async 'task stop'(stage) {
		const items = await look(stage, 'stop');
		const upid = taskOfNone(stage, true);
		// It is told to end, and has not yet.
		stage.answer('DELETE', `${TASKS}/${upid}`, null);
		return [...items, ...(await stage.emit({ resource: 'task', operation: 'stop', upid }))];
	},
};

/** What an operation emits in all the ways that it can, in a cluster that nothing was done to. */
export async function samplesOf(
	lab: Lab,
	resource: string,
	operation: string,
): Promise<IDataObject[]> {
	const sample = all[`${resource} ${operation}`];
	if (!sample)
		throw new Error(
			`test/package/outputSchema/samples.ts has no sample of ${resource} ${operation}`,
		);
	return await sample(stageOf(lab));
}
