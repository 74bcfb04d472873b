import { createHash } from 'node:crypto';
import { may, splitAuthId } from '../auth/permissions';
import { failure, parameterError } from '../errors';
import { bridgePath, zonesOn } from '../state/bridges';
import { mappingProblem } from '../state/mappings';
import type { Mapping } from '../state/types';
import { isInTouch, memberNodes } from '../state/view';
import { storageResource } from '../storage/resource';
import { isOnNode } from '../storage/storages';
import type { Task } from '../tasks/types';
import { vmResource } from '../vm/resource';
import { nodeDetails, nodeStatus } from './nodes';
import { ownFacts } from './ownFacts';
import { numberOf, textOf } from './types';
import type { Call, Endpoint } from './types';

function nextId({ world: { state }, parameters }: Call): string {
	const asked = numberOf(parameters, 'vmid');
	if (asked !== undefined) {
		if (state.vms.has(asked)) throw parameterError({ vmid: `VM ${asked} already exists` });
		return String(asked);
	}
	const { lower, upper } = state.options.nextId;
	for (let vmid = lower; vmid < upper; vmid++) if (!state.vms.has(vmid)) return String(vmid);
	throw failure(`unable to get any free VMID in range [${lower}, ${upper}]`);
}

type Row = Record<string, unknown>;

function poolRows({ world: { state }, authId }: Call): Row[] {
	return [...state.pools.values()]
		.filter(({ poolid }) => may(state, authId, `/pool/${poolid}`, ['Pool.Audit']))
		.map(({ poolid }) => ({ id: `/pool/${poolid}`, pool: poolid, type: 'pool' }));
}

function vmRows({ world, authId }: Call): Row[] {
	const { state } = world;
	return [...state.vms.values()]
		.filter(({ vmid }) => may(state, authId, `/vms/${vmid}`, ['VM.Audit']))
		.sort((a, b) => a.vmid - b.vmid)
		.map((vm) => vmResource(world, vm));
}

function nodeRows({ world, authId }: Call): Row[] {
	return memberNodes(world.state).map((node) => {
		const status = nodeStatus(world, node);
		const mode =
			node.maintenance && may(world.state, authId, `/nodes/${node.name}`, ['Sys.Audit'])
				? { hastate: 'maintenance' }
				: {};
		const row = { id: `node/${node.name}`, node: node.name, type: 'node', status, ...mode };
		const details = nodeDetails(world, authId, node);
		return node.neverSeen && status !== 'online' ? row : { ...row, 'cgroup-mode': 2, ...details };
	});
}

function storageRows({ world, authId }: Call): Row[] {
	const { state } = world;
	const rows: Row[] = [];
	for (const storage of state.storages.values()) {
		const name = storage.storage;
		if (!may(state, authId, `/storage/${name}`, ['Datastore.Audit'])) continue;
		for (const node of memberNodes(state)) {
			if (storage.disabled || !isOnNode(storage, node.name)) continue;
			rows.push(storageResource(world, storage, node.name));
		}
	}
	return rows;
}

function networkRows({ world: { state }, authId }: Call): Row[] {
	const maySee = (zone: string) =>
		may(state, authId, `/sdn/zones/${zone}`, ['SDN.Audit', 'SDN.Use'], { any: true });
	return memberNodes(state).flatMap(({ name }) =>
		zonesOn(state, name)
			.filter(maySee)
			.map((zone) => ({
				id: `network/${name}/zone/${zone}`,
				network: zone,
				'network-type': 'zone',
				node: name,
				type: 'network',
				status: 'ok',
			})),
	);
}

function vnets({ world: { state }, authId }: Call): Row[] {
	return [...state.vnets.values()]
		.filter(({ vnet }) =>
			may(state, authId, bridgePath(state, vnet), ['SDN.Audit', 'SDN.Allocate'], { any: true }),
		)
		.map(({ vnet, zone, alias }) => ({
			vnet,
			zone,
			type: 'vnet',
			...(alias === undefined ? {} : { alias }),
		}));
}

function resources(call: Call): Row[] {
	const type = textOf(call.parameters, 'type');
	const kinds = [
		{ type: 'pool', rows: poolRows },
		{ type: 'vm', rows: vmRows },
		{ type: 'node', rows: nodeRows },
		{ type: 'storage', rows: storageRows },
		{ type: 'sdn', rows: networkRows },
	];
	return kinds
		.filter((kind) => type === undefined || kind.type === type)
		.flatMap(({ rows }) => rows(call));
}

/** How many tasks the cluster's list remembers. */
const RECENT = 25;

function clusterTask(task: Task, index: number): Row {
	const { user, token } = splitAuthId(task.authId);
	const { upid, node, starttime, type, id } = task;
	const row = {
		upid,
		node,
		starttime,
		type,
		id,
		user,
		...(token === undefined ? {} : { tokenid: token }),
	};
	if (task.state === 'running') return { ...row, pid: task.pid };
	// The list is written by several hands: only the newest entry's `saved` is a number.
	return { ...row, endtime: task.endtime, status: task.exitstatus, saved: index === 0 ? 1 : '1' };
}

function clusterTasks({ world: { state, tasks }, authId }: Call): Row[] {
	const all = tasks.all();
	return memberNodes(state)
		.flatMap(({ name }) => all.filter(({ node }) => node === name).slice(0, RECENT))
		.filter(
			(task) =>
				may(state, authId, `/nodes/${task.node}`, ['Sys.Audit']) ||
				splitAuthId(task.authId).user === authId,
		)
		.sort((a, b) => b.starttime - a.starttime)
		.map(clusterTask);
}

function status({ world: { state } }: Call): Row[] {
	const members = memberNodes(state);
	const isCluster = state.clusterName !== undefined;
	const nodes = members.map((node, index) => {
		const isOnline = isInTouch(state, node);
		return {
			id: `node/${node.name}`,
			name: node.name,
			type: 'node',
			nodeid: isCluster ? index + 1 : 0,
			local: node.name === state.localNode ? 1 : 0,
			online: isOnline ? 1 : 0,
			level: '',
			// Where a node is, is remembered.
			...(isOnline || !node.neverSeen ? { ip: node.address } : {}),
		};
	});
	if (!isCluster) return nodes;
	const cluster = {
		id: 'cluster',
		type: 'cluster',
		name: state.clusterName,
		nodes: members.length,
		version: members.length,
	};
	return [{ ...cluster, quorate: state.quorate ? 1 : 0 }, ...nodes];
}

function options({ world: { state } }: Call): Row {
	const {
		description,
		mac_prefix,
		nextId: range,
		registeredTags,
		tagAccess,
		extra,
	} = state.options;
	const tags = new Set(
		[...state.vms.values()].flatMap((vm) => String(vm.config.tags ?? '').split(/[;, ]+/)),
	);
	tags.delete('');
	const isRestricted = tagAccess.userAllow !== 'free';
	return {
		...extra,
		description,
		mac_prefix,
		'allowed-tags': [...tags, ...tagAccess.list, ...registeredTags].sort(),
		...(range.lower !== 100 || range.upper !== 1_000_000 ? { 'next-id': range } : {}),
		...(registeredTags.length > 0 ? { 'registered-tags': registeredTags } : {}),
		...(isRestricted
			? {
					'user-tag-access': {
						'user-allow': tagAccess.userAllow,
						'user-allow-list': tagAccess.list,
					},
				}
			: {}),
	};
}

/** Only the description can be changed over the API. */
function changeOptions({ world: { state }, parameters }: Call): null {
	if (!state.quorate) throw failure("cfs-lock 'file-datacenter_cfg' error: no quorum!");
	state.options.description = textOf(parameters, 'description') ?? state.options.description;
	return null;
}

const CHANGE_OPTIONS = ownFacts(
	'PUT',
	'/cluster/options',
	{ description: { type: 'string', optional: 1 } },
	['perm', '/', ['Sys.Modify']],
);

/** What a check of a mapping on a node finds. */
function findingsOf(mapping: Mapping): Array<{ severity: string; message: string }> {
	const problem = mappingProblem(mapping);
	return problem === undefined
		? []
		: [{ severity: 'error', message: `Invalid configuration: ${problem}\n` }];
}

function mappings(type: Mapping['type']) {
	return ({ world: { state }, authId, parameters }: Call): Row[] =>
		state.mappings
			.filter((mapping) => mapping.type === type)
			.filter(({ id }) => {
				const privileges = ['Mapping.Audit', 'Mapping.Use', 'Mapping.Modify'];
				return may(state, authId, `/mapping/${type}/${id}`, privileges, { any: true });
			})
			.map((mapping) => {
				const digest = createHash('sha1').update(JSON.stringify(mapping)).digest('hex');
				const row = { id: mapping.id, type, map: mapping.map, digest };
				if (textOf(parameters, 'check-node') === undefined) return row;
				return { ...row, [type === 'usb' ? 'errors' : 'checks']: findingsOf(mapping) };
			});
}

export const clusterEndpoints: Endpoint[] = [
	{ method: 'GET', path: '/cluster/nextid', handle: nextId },
	{ method: 'GET', path: '/cluster/resources', handle: resources },
	{ method: 'GET', path: '/cluster/tasks', handle: clusterTasks },
	{ method: 'GET', path: '/cluster/status', handle: status },
	{ method: 'GET', path: '/cluster/options', handle: options },
	{ method: 'PUT', path: '/cluster/options', facts: CHANGE_OPTIONS, handle: changeOptions },
	{ method: 'GET', path: '/cluster/mapping/pci', handle: mappings('pci') },
	{ method: 'GET', path: '/cluster/mapping/usb', handle: mappings('usb') },
	{ method: 'GET', path: '/cluster/mapping/dir', handle: mappings('dir') },
	{ method: 'GET', path: '/cluster/sdn/vnets', handle: vnets },
];
