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
	['create', 'restore', 'clone'].includes(operation);

const takenId: Advice = ({ operation }) => {
	if (operation === 'clone') return 'Choose Next Free ID or another ID under New VM ID.';
	const others = 'Choose Next Free ID or another ID, or see Options → If VM Exists.';
	return operation === 'restore'
		? `${others} To replace the VM, choose Restore → Overwrite.`
		: others;
};

const rootOnly: Advice = ({ identity = '' }) => {
	const isToken = splitAuthId(identity).token !== null;
	if (!isToken && identity !== '')
		return `Log in as root@pam, or leave it out: ${identity} cannot set it with any role.`;
	return 'Only root@pam with a password can set it. Use a credential of the type User and Password (Credential → Create new credential, choose the type in its dialog), or leave it out.';
};

const locked: Advice = (step, lock = '') => {
	if (lock === 'suspended') return 'The VM is suspended to disk. Start it first.';
	const task =
		lock === 'create'
			? 'A task is still creating or restoring this VM'
			: `A task (${lock}) is still working on this VM`;
	const remove = `If no task is running, the lock was left behind: to remove it, ${unlock(step)}`;
	return `${task}: wait until it has finished. ${remove}${lock === 'create' ? `, and delete what is left of the VM` : ''}.`;
};

/** What to do about refusals that users meet, by Proxmox's own words; the first that fits. */
const STEPS: ReadonlyArray<readonly [RegExp, Advice]> = [
	[
		/(?:VM|CT) \d+ already exists on node|config file already exists|\/\d+\.conf' failed: File exists/,
		takenId,
	],
	[
		/storage '(?:https?|ftp)' does not exist/,
		'Proxmox VE imports only files on its storages, not a URL. Download the file to a storage with the content type Import first, and choose it there.',
	],
	[
		/pool '[^']*' does not exist/,
		'Choose a pool that exists: From List shows those that this user or token may see.',
	],
	[
		/storage '[^']*' does not exist|No such storage/,
		'Choose a storage that exists: From List shows the storages of the node.',
	],
	[
		/storage '[^']*' is disabled/,
		'Choose another storage, or enable this one under Datacenter → Storage.',
	],
	[
		/storage '[^']*' is not available on node/,
		'Choose a storage of this node: From List shows them.',
	],
	[
		/unable to activate storage '[^']*'|storage '[^']*' is not online/,
		(step) =>
			step.operation === 'delete'
				? undefined
				: 'The storage is offline: bring it online, or choose another one.',
	],
	[
		/does not support vm images/,
		'Choose a storage with the content type Disk Image: From List shows those of the node.',
	],
	[
		/does not support (?:'[^']*' )?content|not configured for content-type|content type needs to be|wrong content type/,
		'Choose a storage or volume of the needed content type: From List shows only those.',
	],
	[
		/hostname lookup '[^']*' failed|no such cluster node/,
		'Choose a node that exists: From List shows the nodes of the cluster.',
	],
	[
		/bridge '[^']*' does not exist/,
		'Choose a bridge that exists: From List shows the bridges of the node.',
	],
	[/no space left/i, 'Choose another storage, or free space on this one.'],
	[
		/no quorum/,
		'Nothing can be changed until enough nodes of the cluster are back: pvecm status shows which ones are.',
	],
	[
		/unable to get any free VMID/,
		'Extend the range under Datacenter → Options, or set Lowest and Highest VM ID.',
	],
	[
		/can't remove (?:VM \d+|drive '\w+') - protection mode enabled/,
		'To delete it anyway, turn off Protection first: Update → General → Protection.',
	],
	[/is running - destroy failed/, 'Choose Options → Stop First, or shut the VM down first.'],
	[
		/used in HA resources and purge parameter not set/,
		'Choose Options → Purge From Job Configurations.',
	],
	[
		/VM quit\/powerdown failed/,
		({ operation }) =>
			`The guest did not shut down in time. Raise Options → Shutdown Timeout${operation === 'reboot' ? ', or use Stop and then Start' : ', or choose Force Stop After Timeout'}.`,
	],
	[
		/parameter '(\w+)' not allowed for linked clones/,
		(_step, name) =>
			`A linked clone stays on the storage of its template: leave ${name === 'format' ? 'Disk Format' : 'Target Storage'} out, or choose Full Clone.`,
	],
	[
		/Linked clone feature is not supported/,
		'A linked clone can only be made from a template: choose Full Clone, or use Convert to Template first.',
	],
	[
		/uses local storage|can't clone to non-shared storage/,
		'A clone can be made on another node only if all disks are on shared storages. Leave Target Node out, or move the disks to a shared storage first.',
	],
	[/still in use by linked clone/, 'Delete the linked clones of this template first.'],
	[
		/shrinking disks is not supported/,
		'Size is the total size of the disk. To grow the disk, start with +.',
	],
	[/only root can set/, rootOnly],
	[
		/arbitrary filesystem paths/,
		'Enter a volume of a storage, such as local:import/disk.qcow2: a path of the host can be used only by root@pam with a password.',
	],
	[
		/\.ov[af](?:'|\s|$)/,
		'An OVA contains several files. Enter the disk in it: STORAGE:import/NAME.ova/DISK.vmdk.',
	],
	[
		/wrong type 'iso'/,
		'Only images of the content type Import can become a disk. Upload the file again under Import, with the ending .qcow2, .raw or .vmdk.',
	],
	[
		/unable to parse \w+ volume name/,
		'For a new disk, enter its size in GiB as a plain number. For an existing volume, enter its name as in From List.',
	],
	[
		/checksum mis+match/,
		'The VM was changed after it was read. Read it again before you change it.',
	],
	[/VM is locked \(([\w-]+)\)/, locked],
	[
		/can't lock file '[^']*' - got timeout|got lock request timeout/,
		'Another task held the lock of this VM for too long. Try again when it has finished.',
	],
	[
		/Configuration file 'nodes\/[^']*' does not exist|unable to find configuration file for VM/,
		(step) =>
			makesVm(step)
				? undefined
				: 'The VM was deleted or moved to another node. Run this step again: the node is found automatically.',
	],
	[/already running/, 'Nothing needs to be done if the VM only has to be running.'],
	[/VM \d+ (?:is )?not running/, 'Start the VM first.'],
	[
		/can't start a vm if it's a template/i,
		'A template cannot be started: create a VM from it with Clone, and start that.',
	],
	[/MAX \d+ vcpus/, 'CPUs at Start may be at most Cores × Sockets.'],
	[
		/No QEMU guest agent configured/,
		'Turn on Guest Agent with Update → General → Guest Agent, and install it in the guest.',
	],
	[/QEMU guest agent is not running/, 'Install and start the guest agent in the guest.'],
	[
		/Command guest-[\w-]+ has been disabled/,
		'The guest agent refuses this command. Allow it in the guest (in /etc/sysconfig/qemu-ga or /etc/qemu/qemu-ga.conf). It is also refused while file systems are frozen for a backup.',
	],
	[
		/SSH public key validation error/,
		'SSH Keys takes one public key per line, such as the content of ~/.ssh/id_ed25519.pub.',
	],
	[
		/snapshot '[^']*' does not exist/,
		'Choose a snapshot that exists: From List shows those of the VM.',
	],
];

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
};

/** What a killed task may have left of its VM. @param type of the task, by its UPID */
export function leftLocked(type: string | undefined, step: Step): string | undefined {
	const lock = LOCKS[type ?? ''];
	return lock === undefined || step.vmid === undefined
		? undefined
		: `It may have left VM ${step.vmid} locked (${lock}). To remove the lock, ${unlock(step)}`;
}
