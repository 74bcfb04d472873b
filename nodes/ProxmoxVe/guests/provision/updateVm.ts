import type { IDataObject } from 'n8n-workflow';

import { findGuest, findGuestNamed, type FoundGuest } from '../../api/findGuest';
import { parseUpid } from '../../api/upid';
import { BadInputError } from '../../form/BadInputError';
import type { Change } from '../../form/readChange';
import type { VmRequest } from '../../form/readRequest';
import { note } from '../../runtime/context';
import type { TaskOutput } from '../../runtime/followTask';
import type { Item } from '../../runtime/operation';
import { previewRequests } from '../../runtime/previewRequest';
import { readParameters } from '../../wire/readParameters';
import { changeSettings, settingsRequest } from '../changeSettings';
import { growDisks } from '../growDisks';
import { guestUrl } from '../guestUrl';
import type { Guest } from '../locateGuest';
import { resizeRequest } from '../resizeDisk';
import { differencesOf, type Differences } from './differences';
import { createKeyedVms } from './keyedVms';
import { movePool, moveRequest, poolMove, type PoolMove } from '../movePool';
import { makeReady } from './makeReady';

/**
 * Finds the VM that a request is to update: by the idempotency key, else by the fixed ID, else by the name.
 * @returns undefined if there is none, so that it is created
 * @throws Error if that cannot be known, or there are several
 */
export async function findToUpdate(item: Item, request: VmRequest): Promise<Guest | undefined> {
	const { run, kind } = item;
	const { options, vmid, name } = request;
	if (options.idempotencyKey !== '') {
		const found = await createKeyedVms(item, request).find();
		return found && { kind, vmid: found.vmid, node: found.node, name: found.name ?? null };
	}
	const at = (id: number, found: FoundGuest | undefined): Guest | undefined =>
		found && { kind, vmid: id, ...found };
	if (vmid !== undefined) return at(vmid, await findGuest(run.client, kind, vmid, true));
	const found = await findGuestNamed(run.client, kind, name ?? '');
	return found && { kind, ...found };
}

/** What an update emits, beside what a create does. */
export interface Updated extends IDataObject {
	vmid: number;
	name: string | null;
	node: string;
	upid: string | null;
	taskStatus: 'ok' | 'warnings' | 'running';
	exitStatus: string | null;
	warnings: string[];
	startedAt: string | null;
	durationMs: number;
	url: string;
	reused: boolean;
	/** What was changed. */
	changes: IDataObject[];
	/** The settings that wait for the next start. */
	pending: string[];
}

/** The differences as a change that may be sent. @throws BadInputError if what is requested does not fit the VM */
function checked(item: Item, differences: Differences): Change | undefined {
	const { change } = differences;
	if (change === undefined) return undefined;
	const read = readParameters(item.kind.catalogue, change.parameters);
	if (read.problems.length > 0) throw new BadInputError(read.problems);
	return { ...change, parameters: read.parameters };
}

/** The requests that would update a VM, and what differs. Nothing is sent. */
export async function previewUpdate(
	item: Item,
	request: VmRequest,
	guest: Guest,
): Promise<IDataObject> {
	let differences: Differences | undefined;
	const settings = await settingsRequest(item, guest, (present) => {
		differences = differencesOf(item.kind.catalogue, request, present);
		return checked(item, differences);
	});
	const { growth = [], warnings = [] } = differences ?? {};
	const move = await poolMove(item, guest, poolIn(request));
	const [first, ...afterwards] = await previewRequests(item, [
		...settings,
		...growth.map((one) => resizeRequest(guest, one)),
		...(move === undefined ? [] : [moveRequest(guest, move)]),
	]);
	return {
		vmid: guest.vmid,
		node: guest.node,
		...first,
		...(afterwards.length > 0 ? { afterwards } : {}),
		changes: [...listOf(differences), ...changeOf(move)],
		warnings: [...warnings],
	};
}

/**
 * Makes a VM that exists as it is requested: changes what differs, grows disks, and waits for its guest if asked.
 * Source: `GET /nodes/{node}/qemu/{vmid}/pending`, then as changeSettings and growDisks say.
 */
export async function updateVm(item: Item, request: VmRequest, guest: Guest): Promise<Updated> {
	const { run, kind, trace } = item;
	const { options, parameters, name } = request;
	const { vmid, node } = guest;
	note(trace, { vmid, node, isRefused: undefined });
	return await run.gate(node, async () => {
		const startedAt = Date.now();
		let differences: Differences | undefined;
		const read = (present: Parameters<typeof differencesOf>[2]): Change | undefined => {
			const found = differencesOf(kind.catalogue, request, present);
			// A second look, after a lost response, finds less: the first one says what was changed.
			differences ??= found;
			return checked(item, found);
		};
		const { task, pending } = await changeSettings(item, guest, read, {
			waiting: options,
			inGate: true,
		});
		const growth = differences?.growth ?? [];
		const grown = await growDisks(item, guest, growth, options, false);
		const move = await poolMove(item, guest, poolIn(request));
		const moved =
			move === undefined
				? []
				: await movePool(item, guest, move, (differences?.list.length ?? 0) > 0);
		const isPending = pending ?? [];
		const ready = await makeReady(
			item,
			{ ...guest, name: undefined, upid: undefined, existing: true },
			{
				growth: [],
				start: parameters.start === true,
				template: false,
				startsItself: true,
				options,
			},
		);
		const warnings = [
			...task.warnings,
			...(differences?.warnings ?? []),
			...grown.warnings,
			...moved,
			...ready.warnings,
		];
		return {
			vmid,
			name: name ?? guest.name,
			node,
			...statusOf(task),
			warnings,
			taskStatus: warnings.length > 0 ? 'warnings' : 'ok',
			durationMs: Date.now() - startedAt,
			url: await guestUrl(run.client, kind, vmid),
			reused: true,
			changes: [...listOf(differences), ...changeOf(move)],
			pending: isPending,
			...ready.report,
		};
	});
}

const listOf = (differences: Differences | undefined): IDataObject[] =>
	(differences?.list ?? []).map((one) => ({ ...one }) as IDataObject);

/** The pool that a request wants its VM in. */
const poolIn = ({ parameters: { pool } }: VmRequest): string | undefined =>
	typeof pool === 'string' ? pool : undefined;

const changeOf = (move: PoolMove | undefined): IDataObject[] =>
	move === undefined ? [] : [{ parameter: 'pool', old: move.from, new: move.to }];

const statusOf = ({
	upid,
	exitStatus,
}: TaskOutput): Pick<Updated, 'upid' | 'exitStatus' | 'startedAt'> => ({
	upid,
	exitStatus,
	startedAt: parseUpid(upid)?.startedAt.toISOString() ?? null,
});
