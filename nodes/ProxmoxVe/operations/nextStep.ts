/** What to do about refusals that users meet, by Proxmox's own words. */
const STEPS: ReadonlyArray<readonly [RegExp, string]> = [
	[/(?:VM|CT) \d+ already exists on node/, 'Choose Next Free ID or another ID, or see Options → If VM Exists. A restore can go over a VM: Restore → Overwrite.'],
	[/storage '[^']*' does not exist/, 'From List shows the storages of the node.'],
	[/hostname lookup '[^']*' failed/, 'From List shows the nodes of the cluster.'],
	[/bridge '[^']*' does not exist/, 'From List shows the bridges of the node.'],
	[/no space left/i, 'Choose another storage, or make room on this one.'],
	[/no quorum/, 'The cluster changes nothing until enough of its nodes are back: pvecm status tells which are.'],
	[/unable to get any free VMID/, 'Widen the range under Datacenter → Options, or set Lowest and Highest VM ID.'],
	[/can't remove VM \d+ - protection mode enabled/, 'If it is to go, turn Protection off first: Update → General → Protection.'],
	[/is running - destroy failed/, 'Choose Options → Stop First, or shut it down before.'],
	[/used in HA resources and purge parameter not set/, 'Choose Options → Purge From Job Configurations.'],
	[/VM quit\/powerdown failed/, 'The guest did not shut down in time. Raise Options → Shutdown Timeout, or choose Stop if It Does Not Shut Down.'],
	[/Linked clone feature is not supported/, 'Linked clones are made of templates: choose Full Clone, or convert the VM to a template first.'],
	[/shrinking disks is not supported/, 'Size is what the disk is to have in all. To add to what it has, begin it with +.'],
	[/only root can set/, 'Only root@pam with a password may: choose User and Password under Authentication.'],
	[
		/(?:VM|CT) is locked \(/,
		'The word in brackets names the work that has locked it. If a task is at work on the VM, wait for its end. If none is, the lock was left by one that was killed: remove it on the node of the VM with qm unlock and the VM ID.',
	],
	[/checksum mis+match/, 'Somebody else has changed the VM meanwhile. Read it again, and decide anew.'],
];

/** @param message a refusal, or the exit status of a task */
export const nextStep = (message: string): string | undefined => STEPS.find(([words]) => words.test(message))?.[1];
