import { splitAuthId } from '../api/account';
import { shellQuote } from './shellQuote';

/** What is known of a step that was refused. */
export interface Step {
	/** The value of its operation, such as `clone`. */
	readonly operation?: string;
	/** `user@realm`, or `user@realm!token`. */
	readonly identity?: string;
	readonly node?: string;
	readonly vmid?: number;
}

type Advice = string | ((step: Step, ...matched: string[]) => string | undefined);

/** The command that takes a lock away. Only root may, on a node. */
export const unlock = ({ vmid, node }: Step): string =>
	vmid === undefined
		? 'qm unlock ID'
		: `${node === undefined ? '' : `on ${node}, as root: `}qm unlock ${shellQuote(String(vmid))}`;

const makesVm = ({ operation = '' }: Step): boolean =>
	['create', 'import', 'restore', 'clone'].includes(operation);

const takenId: Advice = ({ operation }) => {
	if (operation === 'clone') return 'Choose Next Free ID or another ID under New VM ID.';
	return operation === 'restore'
		? 'Choose Next Free ID or another ID, or see Options → If VM Exists. To replace the VM, choose Restore → Overwrite.'
		: 'Remove Options → VM ID or set another ID, or see Options → If VM Exists.';
};

const rootOnly: Advice = ({ identity = '' }) => {
	const isToken = splitAuthId(identity).token !== null;
	if (!isToken && identity !== '')
		return `Log in as root@pam, or leave it out: ${identity} cannot set it with any role.`;
	return 'Only root@pam with a password can set it. Use a credential of the type User and Password (Credential → Create new credential, choose the type in its dialog), or leave it out.';
};

const locked: Advice = (step, lock = '') => {
	if (lock === 'suspended') return 'Use Resume or Start first: the VM is hibernated.';
	const task =
		lock === 'create'
			? 'the task that creates or restores this VM'
			: `the task (${lock}) that works on this VM`;
	const remove = `If no task is running, remove the lock that was left behind: ${unlock(step)}`;
	return `Wait until ${task} has finished. ${remove}${lock === 'create' ? `, and delete what is left of the VM` : ''}.`;
};

/** What to do about refusals that users meet, by Proxmox's own words; the first that fits. */
export const STEPS: ReadonlyArray<readonly [RegExp, Advice]> = [
	[
		/(?:VM|CT) \d+ already exists on node|config file already exists|\/\d+\.conf' failed: File exists/,
		takenId,
	],
	[
		/pool '[^']*' does not exist/,
		'Choose Resource Pool → From List to see the pools that this user or token may use.',
	],
	[
		/storage '[^']*' does not exist|No such storage/,
		'Choose Storage → From List to see the storages of the node.',
	],
	[
		/storage '[^']*' is disabled/,
		'Choose another storage, or enable this one under Datacenter → Storage.',
	],
	[
		/storage '[^']*' is not available on node/,
		'Choose Storage → From List to see the storages of this node.',
	],
	[
		/unable to activate storage '[^']*'|storage '[^']*' is not online/,
		(step) =>
			step.operation === 'delete' ? undefined : 'Bring the storage online, or choose another one.',
	],
	[
		/does not support vm images/,
		'Choose a storage with the content type Disk Image: Storage → From List shows those of the node.',
	],
	[
		/does not support (?:'[^']*' )?content|not configured for content-type|content type needs to be|wrong content type/,
		'Choose a storage or volume of the needed content type: Storage → From List shows only those.',
	],
	[
		/hostname lookup '[^']*' failed|no such cluster node/,
		'Choose Node → From List to see the nodes of the cluster.',
	],
	[/bridge '[^']*' does not exist/, 'Choose Bridge → From List to see the bridges of the node.'],
	[/no space left/i, 'Choose another storage, or free space on this one.'],
	[
		/no quorum/,
		'Start nodes of the cluster until it has a quorum: pvecm status shows which ones are online. Until then nothing can be changed.',
	],
	[
		/unable to get any free VMID/,
		'Extend the range under Datacenter → Options, or set Lowest and Highest VM ID.',
	],
	[
		/can't remove (?:(?:VM|CT) \d+|drive '\w+') - protection mode enabled/,
		'Turn off Protection first, with Update → General → Protection.',
	],
	[
		/is running - destroy failed|container is running/,
		'Choose Options → Stop First, or shut the VM down first.',
	],
	[
		/used in HA resources and purge parameter not set/,
		'Choose Options → Purge From Job Configurations.',
	],
	[
		/VM quit\/powerdown failed|container did not stop/,
		({ operation }) =>
			`Raise Options → Shutdown Timeout${operation === 'reboot' ? ', or use Stop and then Start' : ', or choose Force Stop After Timeout'}: the guest did not shut down in time.`,
	],
	[
		/parameter '(\w+)' not allowed for linked clones/,
		(_step, name) =>
			`Leave ${name === 'format' ? 'Disk Format' : 'Target Storage'} out, or choose Full Clone: a linked clone stays on the storage of its template.`,
	],
	[
		/Linked clone feature is not supported/,
		'Choose Full Clone, or use Convert to Template first: only a template can have linked clones.',
	],
	[
		/uses local storage|can't clone to non-shared storage/,
		'Leave Target Node out, or move all disks to shared storages first.',
	],
	[
		/can't move a (?:disk|volume) with snapshots and delete the source/,
		'Turn off Options → Delete Source, or delete the snapshots of the VM first.',
	],
	[
		/cannot move volumes of a running container|while the source CT is running/,
		'Shut the VM down first.',
	],
	[/Both containers need to be on the same node/, 'Move one of the containers with Migrate first.'],
	[/still in use by linked clone/, 'Delete the linked clones of this template first.'],
	[
		/shrinking disks is not supported/,
		'Enter a larger total Size, or one that starts with + to grow the disk by it.',
	],
	[/only root can set/, rootOnly],
	[
		/arbitrary filesystem paths/,
		'Enter a volume of a storage, such as local:import/disk.qcow2: a path of the host can be used only by root@pam with a password.',
	],
	[
		/unable to parse \w+ volume name/,
		'Enter the size of a new disk in GiB as a plain number, and an existing volume by its name as in From List.',
	],
	[
		/checksum mis+match: got '/,
		'Compare the checksum and its algorithm with those of the publisher: the file has a different checksum.',
	],
	[
		/checksum mis+match|detected modified configuration/,
		'Read the VM again before you change it: it was changed meanwhile.',
	],
	[/(?:VM|CT) is locked \(([\w-]+)\)/, locked],
	[
		/can't lock file '[^']*' - got timeout|got lock request timeout/,
		'Try again when the task that holds the lock of this VM has finished.',
	],
	[
		/Configuration file 'nodes\/[^']*' does not exist|unable to find configuration file for VM/,
		(step) =>
			makesVm(step)
				? undefined
				: 'Run this step again: the VM was deleted, or moved to another node, which is found automatically.',
	],
	[/already running/, 'Continue if the VM only has to be running.'],
	[/(?:VM|CT) \d+ (?:is )?not running/, 'Start the VM first.'],
	[
		/can't start a (?:vm|ct) if it's a template/i,
		'Create a VM from the template with Clone, and start that.',
	],
	[/MAX \d+ vcpus/, 'Set CPUs at Start to at most Cores × Sockets.'],
	[
		/No QEMU guest agent configured/,
		'Turn on Guest Agent with Update → General → Guest Agent, and install it in the guest.',
	],
	[/QEMU guest agent is not running/, 'Install and start the guest agent in the guest.'],
	[
		/Command guest-[\w-]+ has been disabled/,
		'Allow this command of the guest agent in the guest (in /etc/sysconfig/qemu-ga or /etc/qemu/qemu-ga.conf). It is also refused while file systems are frozen for a backup.',
	],
	[
		/SSH public key validation error/,
		'Enter one public key per line in SSH Keys, such as the content of ~/.ssh/id_ed25519.pub.',
	],
	[
		/VM is paused - cannot shutdown/,
		'Continue the VM with Resume first, or use Stop, which loses unsaved data.',
	],
	[
		/you can't (?:take a snapshot if it's a template|rollback if vm is a template|delete a snapshot if vm is a template)/,
		'Create a VM from the template with Clone, and use that: a template never changes.',
	],
	[
		/Cannot suspend HA managed VM to disk/,
		'Choose Suspend, or remove the VM from high availability first.',
	],
	[
		/snapshot '[^']*' does not exist/,
		'Choose Snapshot → From List to see the snapshots of the VM.',
	],
];

/** HTTP statuses of a host that answers, but cannot reach the node or the service behind it. */
const BEHIND: ReadonlyArray<number | undefined> = [502, 595, 596];

/** What to do if a host answers and what is behind it does not. @param request such as `GET /nodes/pve1/qemu` */
export function unreachable(status: number | undefined, request: string): string | undefined {
	if (!BEHIND.includes(status)) return undefined;
	const [, node] = /^\w+ \/nodes\/([^/]+)/.exec(request) ?? [];
	return node === undefined
		? 'Check that Proxmox VE (pveproxy and pvedaemon) runs on the host of the credential: that host answers, but the service behind it does not.'
		: `Start node ${node} if it is down, or choose another one: the host of the credential answers, but cannot reach it.`;
}

/**
 * What to do next, in one sentence.
 * @param message a refusal, or the exit status of a task
 */
export function nextStep(message: string, step: Step = {}): string | undefined {
	for (const [words, advice] of STEPS) {
		const matched = words.exec(message);
		if (matched) return typeof advice === 'string' ? advice : advice(step, ...matched.slice(1));
	}
	return undefined;
}

/** Locks that a task leaves behind when its process is killed, by the type of the task. */
const LOCKS: Readonly<Record<string, string>> = {
	vzdump: 'backup',
	qmcreate: 'create',
	qmrestore: 'create',
	qmclone: 'clone',
	qmigrate: 'migrate',
	qmsnapshot: 'snapshot',
	qmdelsnapshot: 'snapshot-delete',
	qmrollback: 'rollback',
	qmsuspend: 'suspending',
	vzmigrate: 'migrate',
	vzsnapshot: 'snapshot',
	vzdelsnapshot: 'snapshot-delete',
	vzrollback: 'rollback',
	move_volume: 'disk',
};

/** What a killed task may have left of its VM. @param type of the task, by its UPID */
export function leftLocked(type: string | undefined, step: Step): string | undefined {
	const lock = LOCKS[type ?? ''];
	return lock === undefined || step.vmid === undefined
		? undefined
		: `It may have left VM ${step.vmid} locked (${lock}). To remove the lock, ${unlock(step)}`;
}
