import type { FaultCase } from '../faultCase';
import {
	all,
	fixed,
	html,
	json,
	nextIdIs,
	onCreate,
	OTHERS_VM,
	phrase,
	picked,
	restore,
	takenBy,
	VMID,
} from '../ingredients';

const phase = 'The request is rejected';
const refused = { phase, vms: 0, posts: 1, status: 'error', upid: 'none' } as const;
const made = { phase, vms: 1, status: 'success', upid: 'kept' } as const;

const lock = `unable to create VM ${VMID} - can't lock file '/var/lock/qemu-server/lock-${VMID}.conf' - got timeout`;
const clusterLock = "cfs-lock 'file-user_cfg' error: got lock request timeout";
const oneDisk = {
	diskList: {
		values: [{ source: 'new', storage: picked('local'), size: 1, options: { bus: 'virtio' } }],
	},
};

export const refusedRequests: readonly FaultCase[] = [
	{
		...refused,
		fault: 'The token has no privilege for it (403)',
		only: 'apiToken',
		parameters: oneDisk,
		arrange: ({ credentials: { proxmoxVeApi: token }, emulator }) => {
			const tokenId = 'nodatastoreallocatespace@pve!tk';
			if (token) Object.assign(token, { tokenId, tokenSecret: emulator.tokens[tokenId] });
		},
	},
	{
		...refused,
		fault: 'Proxmox VE rejects a parameter (400)',
		parameters: { additionalParameters: { values: [{ name: 'brand-new', value: 'x' }] } },
	},
	{
		...refused,
		fault: 'The storage does not exist (500)',
		parameters: {
			diskList: {
				values: [{ source: 'new', storage: picked('nosuch'), size: 1, options: { bus: 'virtio' } }],
			},
		},
	},
	{
		...refused,
		fault: 'The cluster has no quorum (500)',
		containers: 'deep',
		arrange: ({ emulator }) => {
			emulator.state.quorate = false;
		},
	},
	{ ...refused, fault: 'The node does not exist (500)', parameters: { node: picked('nosuch') } },
	{
		...refused,
		fault: 'A proxy redirects to another address (301)',
		arrange: onCreate({ effect: html(301, 'Moved Permanently') }),
	},
	{
		...refused,
		fault: 'The token is no longer valid (401)',
		only: 'apiToken',
		arrange: onCreate({ effect: phrase(401, 'Authentication failed!') }),
	},
	{
		...made,
		fault: 'The ticket has expired (401)',
		only: 'password',
		arrange: onCreate({ effect: phrase(401, 'Authentication failed!') }),
		posts: 2,
	},
	{ ...refused, fault: 'A VM has the fixed ID', containers: 'deep', parameters: fixed(OTHERS_VM) },
	{
		...refused,
		fault: 'A container has the fixed ID',
		containers: 'deep',
		parameters: fixed(),
		arrange: takenBy(VMID, { type: 'lxc' }),
	},
	{
		...refused,
		fault: 'The fixed ID belongs to an empty VM with the lock `create`',
		containers: true,
		parameters: fixed(),
		arrange: takenBy(VMID, { config: { lock: 'create' } }),
		leftBehind: 1,
	},
	{
		...made,
		fault: 'Another VM takes the next free ID before the POST',
		containers: 'deep',
		arrange: nextIdIs(OTHERS_VM),
		posts: 2,
	},
	{
		...made,
		fault: 'A container takes the next free ID before the POST',
		containers: 'deep',
		arrange: all(nextIdIs(VMID), takenBy(VMID, { type: 'lxc' })),
		posts: 2,
	},
	{
		...refused,
		fault: 'A disk of that name already exists (500)',
		arrange: onCreate({
			effect: json(
				500,
				`disk image '/var/lib/vz/images/${VMID}/vm-${VMID}-disk-0.raw' already exists`,
			),
		}),
	},
	{
		...made,
		fault: 'The lock file of the VM is held for a while',
		containers: true,
		parameters: fixed(),
		arrange: onCreate({ effect: json(500, lock), times: 2 }),
		posts: 3,
	},
	{
		...made,
		fault: 'A lock of the cluster (`cfs-lock`) is held for a while',
		containers: 'deep',
		parameters: fixed(),
		arrange: onCreate({ effect: json(500, clusterLock), times: 2 }),
		posts: 3,
	},
	{
		...made,
		fault: 'Proxmox VE reports a cluster lock, but the VM is created',
		containers: 'deep',
		arrange: onCreate({ effect: json(500, clusterLock), when: 'after' }),
		posts: 1,
	},
	{
		...refused,
		fault: 'The lock is never free',
		containers: 'deep',
		parameters: fixed(),
		arrange: onCreate({ effect: json(500, lock), times: 100 }),
		posts: 7,
	},
	{
		...made,
		vms: 0,
		fault: 'The lock is held for a while: a restore that overwrites',
		containers: true,
		parameters: restore(OTHERS_VM, true),
		arrange: onCreate({ effect: json(500, lock.replaceAll(String(VMID), String(OTHERS_VM))) }),
		posts: 2,
	},
	{
		...refused,
		fault: 'The node is down (595 No route to host)',
		parameters: { ...fixed(), node: picked('pve2') },
		posts: 7,
	},
	{
		...made,
		fault: 'The daemon is down, and comes back (595 Connection refused)',
		containers: 'deep',
		arrange: onCreate({ effect: phrase(595, 'Connection refused'), times: 2 }),
		posts: 3,
	},
];
