import { randomBytes } from 'node:crypto';
import { subOptionsOf } from '../contract/facts';
import { parsePropertyString } from '../contract/propertyString';
import type { Vm, VmConfig } from '../state/types';
import type { World } from '../world';
import { fetchSeed, seedSourceOf } from './fetchSeed';
import type { Around, Seed, SeedSource } from './fetchSeed';
import { guestOf } from './guestSystem';
import { hostnameIn, phoneHome } from './phoneHome';
import type { Boot, CloudInit, GuestSystem, Program } from './guestSystem';

const RUN = '/run/cloud-init';
const NO_CLOUD = 'DataSourceNoCloud [seed=/dev/sr0]';
/** The tree of the statuses of its stages, as far as a client reads them. */
const STAGES = ['init-local', 'init', 'modules-config', 'modules-final'];

const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 1)}\n`);

/** Whether the last stage has ended. */
const isDone = ({ files }: GuestSystem): boolean => files.has(`${RUN}/result.json`);

/** A datasource as the status names it. */
const shortName = (datasource: string): string =>
	/^DataSource(\w+)/.exec(datasource)?.[1]?.toLowerCase() ?? '';

/** `cloud-init status --format json`, which answers at once, and whose `--wait` is not done. */
function statusProgram({
	version = '25.1.4',
	datasource = NO_CLOUD,
	errors = [],
	recoverableErrors = {},
	isDisabled,
}: CloudInit): Program {
	const isOld = version === '22.4.2';
	return (args, _stdin, guest) => {
		if (args[0] !== 'status') return { exitcode: 2, stderr: 'usage: cloud-init\n' };
		const base = isDisabled ? 'disabled' : isDone(guest) ? 'done' : 'running';
		const isFailed = isDone(guest) && errors.length > 0;
		const isDegraded = !isOld && Object.keys(recoverableErrors).length > 0;
		const status = isFailed ? 'error' : base;
		const extended = `${isFailed ? 'error - ' : isDegraded ? 'degraded ' : ''}${base}`;
		const common = {
			boot_status_code: isDisabled ? 'disabled-by-generator' : 'enabled-by-generator',
			datasource: shortName(datasource),
			detail: datasource,
			errors: isDone(guest) ? errors : [],
			status,
		};
		const answer = isOld
			? { _schema_version: '1', ...common, schemas: { '1': common } }
			: { ...common, extended_status: extended, recoverable_errors: recoverableErrors };
		return {
			stdout: json(answer),
			exitcode: isFailed ? 1 : isDegraded ? 2 : 0,
		};
	};
}

/** The file that says how far cloud-init is. Problems that it recovered from are in no other one. */
function writeStatus(guest: GuestSystem, cloudInit: CloudInit, isOver: boolean): void {
	const { datasource = NO_CLOUD, version, recoverableErrors = {} } = cloudInit;
	const stages = STAGES.map((name, index) => {
		const problems = isOver && name === 'modules-final' ? recoverableErrors : {};
		const stage = {
			errors: [],
			start: index,
			finished: isOver || index < 2 ? index : null,
			...(version === '22.4.2' ? {} : { recoverable_errors: problems }),
		};
		return [name, stage];
	});
	const stage = isOver ? null : 'modules-config';
	guest.files.set(
		`${RUN}/status.json`,
		json({ v1: { datasource, ...Object.fromEntries(stages), stage } }),
	);
}

/** What is in the guest when its agent answers first: the network stage is over by then. */
function beginCloudInit(guest: GuestSystem, cloudInit: CloudInit): void {
	guest.programs.set('cloud-init', statusProgram(cloudInit));
	if (cloudInit.isDisabled) guest.files.set(`${RUN}/disabled`, Buffer.alloc(0));
	else writeStatus(guest, cloudInit, false);
}

/** Its result is in a file that is gone with the next start, and in one that stays. */
function endCloudInit(guest: GuestSystem, cloudInit: CloudInit): void {
	const { datasource = NO_CLOUD, errors = [] } = cloudInit;
	const result = json({ v1: { datasource, errors } });
	writeStatus(guest, cloudInit, true);
	guest.files.set('/var/lib/cloud/data/result.json', result);
	guest.files.set(`${RUN}/result.json`, result);
}

/** The web server that a machine's serial number names, for cloud-init. */
export function seedSource({ config }: Vm): SeedSource | undefined {
	return seedSourceOf(serialOf(config));
}

function serialOf(config: VmConfig): string {
	const { smbios1 } = config;
	if (smbios1 === undefined) return '';
	const { serial = '', base64 } =
		parsePropertyString(subOptionsOf('smbios1'), String(smbios1)).values ?? {};
	return base64 ? Buffer.from(String(serial), 'base64').toString() : String(serial);
}

/** A guest is set up once for each instance: it gets a name, and new SSH host keys. @returns whether it is a new one */
function setUpInstance(guest: GuestSystem, instanceId: string): boolean {
	if (guest.instanceId === instanceId) return false;
	guest.instanceId = instanceId;
	for (const type of ['rsa', 'ecdsa', 'ed25519']) {
		const key = `ssh-${type} ${randomBytes(24).toString('base64')} root@${guest.hostname}\n`;
		guest.files.set(`/etc/ssh/ssh_host_${type}_key.pub`, Buffer.from(key));
	}
	return true;
}

const metaOf = (seed: Seed, name: string): string | undefined =>
	new RegExp(`^"?${name}"?: *"?([^"\\s]+)`, 'm').exec(seed.metaData)?.[1];

/** What cloud-init is with the files of a web server: their absence makes it another instance. */
async function withSeed(
	around: Around,
	guest: GuestSystem,
	source: SeedSource,
	cloudInit: CloudInit,
): Promise<{ cloudInit: CloudInit; final: () => Promise<CloudInit> }> {
	const seed = await fetchSeed(around, source);
	const { version } = around;
	if (!seed) {
		setUpInstance(guest, 'iid-datasource-none');
		const used: CloudInit = {
			...cloudInit,
			datasource: 'DataSourceNone',
			...(version === '22.4.2'
				? {}
				: { recoverableErrors: { WARNING: ['Used fallback datasource'] } }),
		};
		return { cloudInit: used, final: async () => used };
	}
	const { keys } = source;
	const instanceId = keys.i ?? keys['instance-id'] ?? metaOf(seed, 'instance-id') ?? 'nocloud';
	const used: CloudInit = { ...cloudInit, datasource: seed.datasource };
	const { userData } = seed;
	const isNew = setUpInstance(guest, instanceId);
	if (!isNew) return { cloudInit: used, final: async () => used };
	guest.files.set('/var/lib/cloud/instance/user-data.txt', Buffer.from(userData));
	guest.hostname =
		hostnameIn(userData) ?? keys.h ?? metaOf(seed, 'local-hostname') ?? guest.hostname;
	const isIgnored = userData !== '' && !/^#/.test(userData);
	return {
		cloudInit: used,
		async final() {
			const warnings = [
				...(isIgnored ? ['Unhandled non-multipart (text/x-not-multipart) userdata'] : []),
				...(await phoneHome(around, guest, { userData, instanceId })),
			];
			if (warnings.length === 0 || version === '22.4.2') return used;
			return { ...used, recoverableErrors: { WARNING: warnings } };
		},
	};
}

/** Plays the start of a guest: until its VM is turned off. Nothing of an earlier start is left in /run. */
export async function playBoot({ clock }: World, vm: Vm, boot: Boot): Promise<void> {
	const { pid } = vm;
	const guest = guestOf(vm);
	const isOn = () => vm.status === 'running' && vm.pid === pid;
	vm.agentRuns = false;
	for (const path of guest.files.keys()) if (path.startsWith('/run/')) guest.files.delete(path);
	if (boot.agentSeconds === undefined) return;
	await clock.sleep(boot.agentSeconds * 1000);
	if (!isOn()) return;
	const source = seedSource(vm);
	const around: Around = { clock, isOn, version: boot.cloudInit?.version ?? '25.1.4' };
	const seeded =
		boot.cloudInit && source ? await withSeed(around, guest, source, boot.cloudInit) : undefined;
	if (!isOn()) return;
	const cloudInit = seeded?.cloudInit ?? boot.cloudInit;
	if (cloudInit) beginCloudInit(guest, cloudInit);
	vm.agentRuns = true;
	if (cloudInit?.seconds === undefined || cloudInit.isDisabled) return;
	await clock.sleep(cloudInit.seconds * 1000);
	if (!isOn()) return;
	const ended = (await seeded?.final()) ?? cloudInit;
	if (!isOn()) return;
	if (seeded) guest.programs.set('cloud-init', statusProgram(ended));
	endCloudInit(guest, ended);
}
