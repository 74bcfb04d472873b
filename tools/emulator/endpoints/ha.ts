import { createHash } from 'node:crypto';
import type { EndpointFacts, ParameterFacts } from '../contract/facts';
import { splitList } from '../contract/perl';
import { failure, taskErrorText, unsupported } from '../errors';
import type { ClusterState, Vm } from '../state/types';
import { ownFacts } from './ownFacts';
import { numberOf, textOf } from './types';
import type { Call, Endpoint, Parameters } from './types';

const OPTIONS = ['state', 'comment', 'max_restart', 'max_relocate', 'failback'] as const;

const sidOf = ({ type, vmid }: Vm): string => `${type === 'lxc' ? 'ct' : 'vm'}:${vmid}`;

const isManaged = (vm: Vm): boolean => vm.haManaged !== undefined || vm.haOptions !== undefined;

/** The guest that `vm:100`, `ct:100` or `100` means; throws where there is none, or one of the other kind. */
function guestOf(state: ClusterState, sid: string): Vm {
	const [, kind, digits] = /^(?:(vm|ct):)?(\d+)$/.exec(sid) ?? [];
	const vm = state.vms.get(Number(digits));
	if (!vm) throw failure(`resource '${sid}' does not exist in cluster`);
	if (kind !== undefined && sidOf(vm) !== `${kind}:${digits}`) {
		const name = kind === 'ct' ? 'a container' : 'a virtual machine';
		throw failure(`resource '${sid}' - guest with ID ${vm.vmid} is not ${name}`);
	}
	return vm;
}

function describe(state: ClusterState, vm: Vm): Record<string, unknown> {
	const managed = [...state.vms.values()]
		.filter(isManaged)
		.map((other) => [sidOf(other), other.haOptions, other.haManaged]);
	const digest = createHash('sha1').update(JSON.stringify(managed)).digest('hex');
	const { state: wanted = vm.haOptions ? undefined : vm.haManaged, ...options } =
		vm.haOptions ?? {};
	return {
		sid: sidOf(vm),
		type: sidOf(vm).slice(0, 2),
		digest,
		...(wanted === undefined ? {} : { state: wanted }),
		...options,
	};
}

function list({ world: { state }, parameters }: Call): unknown {
	const type = textOf(parameters, 'type');
	return [...state.vms.values()]
		.filter(isManaged)
		.map((vm) => describe(state, vm))
		.filter((row) => type === undefined || row.type === type);
}

/** A managed guest of the path; throws the given text, or that there is none. */
function managedOf({ world: { state }, parameters }: Call, text?: string): Vm {
	const sid = textOf(parameters, 'sid') ?? '';
	const vm = [...state.vms.values()].find(
		(other) => isManaged(other) && (sidOf(other) === sid || String(other.vmid) === sid),
	);
	if (!vm) throw failure(text ?? `no such resource '${sid}'`);
	return vm;
}

function optionsOf(parameters: Parameters): Record<string, string | number> {
	return Object.fromEntries(
		OPTIONS.flatMap((name) => {
			const value =
				name === 'state' || name === 'comment'
					? textOf(parameters, name)
					: numberOf(parameters, name);
			return value === undefined ? [] : [[name, value]];
		}),
	);
}

/** What HA is to do with a guest; what it is to leave alone counts as not managed. */
function manage(vm: Vm, options: Record<string, string | number>): void {
	vm.haOptions = options;
	const wanted = String(options.state ?? 'started').replace('enabled', 'started');
	if (wanted === 'started' || wanted === 'stopped') vm.haManaged = wanted;
	else delete vm.haManaged;
}

function add({ world: { state }, parameters }: Call): null {
	const vm = guestOf(state, textOf(parameters, 'sid') ?? '');
	if (isManaged(vm))
		throw failure(`create resource failed: resource ID '${sidOf(vm)}' already defined`);
	manage(vm, optionsOf(parameters));
	return null;
}

function change(call: Call): null {
	const sid = textOf(call.parameters, 'sid') ?? '';
	const vm = managedOf(call, `update resources config failed: no such resource '${sid}'`);
	const options = { ...vm.haOptions, ...optionsOf(call.parameters) };
	for (const name of splitList(textOf(call.parameters, 'delete') ?? '')) delete options[name];
	manage(vm, options);
	return null;
}

function remove(call: Call): null {
	const vm = managedOf(
		call,
		`cannot delete service '${textOf(call.parameters, 'sid')}', not HA managed!`,
	);
	delete vm.haManaged;
	delete vm.haOptions;
	return null;
}

function move(call: Call): never {
	const sid = textOf(call.parameters, 'sid') ?? '';
	const vm = [...call.world.state.vms.values()].find((other) => sidOf(other) === sid);
	if (vm?.haManaged === undefined) throw failure(`resource '${sid}' is not HA managed`);
	throw unsupported('a migration by high availability');
}

const RULES = 'rules of high availability other than node affinity';

function ruleOf({
	world: { state },
	parameters,
}: Call): Record<string, string | number> | undefined {
	return state.haRules.get(textOf(parameters, 'rule') ?? '');
}

function listRules({ world: { state } }: Call): unknown {
	const digest = createHash('sha1')
		.update(JSON.stringify([...state.haRules]))
		.digest('hex');
	return [...state.haRules].map(([rule, values], index) => ({
		rule,
		order: index + 1,
		digest,
		...values,
	}));
}

function readRule(call: Call): unknown {
	const rule = textOf(call.parameters, 'rule') ?? '';
	if (!ruleOf(call)) throw failure(`no such ha rule '${rule}'`);
	return (listRules(call) as Array<Record<string, unknown>>).find((row) => row.rule === rule);
}

function ruleValues(parameters: Parameters): Record<string, string | number> {
	const texts = ['type', 'resources', 'nodes', 'comment'].flatMap((name) => {
		const value = textOf(parameters, name);
		return value === undefined ? [] : [[name, value] as const];
	});
	const strict = numberOf(parameters, 'strict');
	return { ...Object.fromEntries(texts), ...(strict === undefined ? {} : { strict }) };
}

function addRule(call: Call): null {
	const { world, parameters } = call;
	const rule = textOf(parameters, 'rule') ?? '';
	if (textOf(parameters, 'type') !== 'node-affinity') throw unsupported(RULES);
	try {
		if (ruleOf(call)) throw failure(`HA rule '${rule}' already defined`);
		const nodes = splitList(textOf(parameters, 'nodes') ?? '').map(
			(part) => part.split(':')[0] ?? '',
		);
		const unknown = nodes.filter((node) => !world.state.nodes.get(node)?.member);
		if (unknown.length > 0) throw failure(`cannot use non-existent node(s) ${unknown.join(', ')}.`);
	} catch (error) {
		throw failure(`create ha rule failed: ${taskErrorText(error)}`);
	}
	world.state.haRules.set(rule, ruleValues(parameters));
	return null;
}

function changeRule(call: Call): null {
	const rule = textOf(call.parameters, 'rule') ?? '';
	const known = ruleOf(call);
	if (!known) throw failure(`update HA rules failed: HA rule '${rule}' does not exist`);
	call.world.state.haRules.set(rule, { ...known, ...ruleValues(call.parameters) });
	return null;
}

function removeRule({ world: { state }, parameters }: Call): null {
	state.haRules.delete(textOf(parameters, 'rule') ?? '');
	return null;
}

/** The facts of the API's own description have no parameters of a rule: they depend on its type. */
function ruleFacts(method: string, path: string): EndpointFacts {
	const text: ParameterFacts = { type: 'string', optional: 1 };
	const parameters: Record<string, ParameterFacts> = {
		rule: { type: 'string', format: 'pve-configid', formatKind: 'code' },
		type: { type: 'string', enum: ['node-affinity', 'resource-affinity'] },
		resources: text,
		nodes: text,
		affinity: text,
		comment: text,
		strict: { type: 'boolean', optional: 1 },
		disable: { type: 'boolean', optional: 1 },
	};
	return { ...ownFacts(method, path, parameters, ['perm', '/', ['Sys.Console']]), protected: true };
}

export const haEndpoints: Endpoint[] = [
	{ method: 'GET', path: '/cluster/ha/resources', handle: list },
	{ method: 'POST', path: '/cluster/ha/resources', handle: add },
	{
		method: 'GET',
		path: '/cluster/ha/resources/{sid}',
		handle: (call) => describe(call.world.state, managedOf(call)),
	},
	{ method: 'PUT', path: '/cluster/ha/resources/{sid}', handle: change },
	{ method: 'DELETE', path: '/cluster/ha/resources/{sid}', handle: remove },
	{ method: 'POST', path: '/cluster/ha/resources/{sid}/migrate', handle: move },
	{
		method: 'GET',
		path: '/cluster/ha/groups',
		handle: () => {
			throw failure('cannot index groups: ha groups have been migrated to rules');
		},
	},
	{ method: 'GET', path: '/cluster/ha/rules', handle: listRules },
	{
		method: 'POST',
		path: '/cluster/ha/rules',
		facts: ruleFacts('POST', '/cluster/ha/rules'),
		handle: addRule,
	},
	{ method: 'GET', path: '/cluster/ha/rules/{rule}', handle: readRule },
	{
		method: 'PUT',
		path: '/cluster/ha/rules/{rule}',
		facts: ruleFacts('PUT', '/cluster/ha/rules/{rule}'),
		handle: changeRule,
	},
	{ method: 'DELETE', path: '/cluster/ha/rules/{rule}', handle: removeRule },
];
