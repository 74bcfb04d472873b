import { list } from '../catalogue/fields';
import type { Purpose } from '../catalogue/catalogue';
import { shown } from '../wire/shown';
import { isUnset } from '../wire/values';
import type { Form } from './Form';
import { unwrap } from './readFields';

/** What is decided by where the VM goes, and not by the VM. */
const TARGET = ['node', 'vmid'] as const;

/** Node and VM ID of the fields, which JSON may repeat or (the ID) decide, but not contradict. */
export function readTarget(
	values: Readonly<Record<string, unknown>>,
	purpose: Purpose,
	form: Form,
): Record<string, unknown> {
	const { problems } = form;
	const fields = purpose === 'create' ? targetOptions(form) : targetFields(form);
	const target: Record<string, unknown> = {};
	for (const name of TARGET) {
		const { label, given, missing } = fields[name];
		const wrong = (message: string): void =>
			void problems.push({ parameter: name, label, message });
		const field = textOrNone(given);
		const json = values[name];
		if (!isUnset(field) && !isUnset(json) && String(field) !== String(json).trim())
			wrong(`is "${shown(field)}" in its field and "${shown(json)}" in the JSON`);
		target[name] = field ?? json;
		if (isUnset(purpose === 'create' ? field : target[name]) && missing !== undefined)
			wrong(missing);
	}
	const { vmid } = target;
	const before = problems.length;
	if (!isUnset(vmid))
		target.vmid = form.readGuestId(vmid, {
			parameter: 'vmid',
			...(isUnset(values.vmid) ? { label: fields.vmid.label } : {}),
		});
	if (problems.length > before) delete target.vmid;
	return target;
}

/** A field that says where the VM goes. */
interface TargetField {
	/** What an error names; without it the label of the parameter. */
	readonly label?: string;
	readonly given: unknown;
	/** What an error says if it is empty; undefined if it may be. */
	readonly missing?: string;
}
type TargetFields = Readonly<Record<(typeof TARGET)[number], TargetField>>;

const NEEDED = 'is needed';

/** Of Create: both are chosen automatically, unless they were added under Options. */
function targetOptions(form: Form): TargetFields {
	const options = form.rawOptions();
	const option = (name: string, label: string): TargetField => ({
		label: `Options → ${label}`,
		given: unwrap(options[name]),
		...(form.hasOption(name) ? { missing: 'is empty: set it, or remove the option' } : {}),
	});
	return { node: option('node', 'Node'), vmid: option('vmId', 'VM ID') };
}

/** Of Restore: the node is needed, because the backup is on one of its storages. */
function targetFields(form: Form): TargetFields {
	const isFixed = form.choice('vmIdMode') === 'fixed';
	return {
		node: { given: unwrap(form.raw('node')), missing: NEEDED },
		vmid: isFixed ? { given: unwrap(form.raw('vmId')), missing: NEEDED } : { given: undefined },
	};
}

/** A value without blanks around it; undefined for an empty one. */
function textOrNone(value: unknown): unknown {
	const trimmed = typeof value === 'string' ? value.trim() : value;
	return trimmed === '' ? undefined : trimmed;
}

const placementFields = {
	allowedNodes: list({
		label: 'Allowed Nodes',
		separator: ',',
		items: 'pve-node',
		guards: true,
	}),
};

/** Reads the nodes to choose from. @returns none if all may be chosen */
export function readAllowedNodes(form: Form): string[] {
	const { allowedNodes } = form.options(placementFields);
	if (allowedNodes === undefined) return [];
	const nodes = allowedNodes.split(/[\s,]+/).filter(Boolean);
	if (nodes.length === 0)
		form.problems.push({
			parameter: 'allowedNodes',
			label: placementFields.allowedNodes.label,
			message: 'names no node',
		});
	return nodes;
}
