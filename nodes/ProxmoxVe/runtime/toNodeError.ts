import { NodeApiError, NodeOperationError, type IDataObject, type INode } from 'n8n-workflow';

import { NotAllowedError } from '../api/allowedGuests';
import { CredentialError } from '../api/account';
import { BadInputError } from '../form/BadInputError';
import type { Catalogue } from '../catalogue/catalogue';
import { labelOf, sentenceOf } from '../form/labels';
import {
	isOutcomeUnknown,
	PveError,
	TaskError,
	TaskGoneError,
	TaskTimeoutError,
} from '../api/errors';
import { connectionAdvice, messageOf, reasonOf } from '../api/messageOf';
import { parseUpid } from '../api/upid';
import { present, plainDescription } from './errorText';
import { leftLocked, nextStep, unreachable, type Step } from './advice';
import type { GuestKind } from '../guests/kinds';
import { inWordsOf } from '../form/inWordsOf';
import { claimsOf, type GuestState, type Trace } from './context';
import {
	AdvisedError,
	LostAnswerError,
	PlacementError,
	StartError,
	UnfinishedError,
	UnknownOutcomeError,
} from './errors';

/** What an error is about. */
export interface About {
	readonly itemIndex: number;
	/** What was known of the VM by then. */
	readonly trace: Trace;
	/** The user or token that asked. */
	readonly identity?: string;
	/** Has the labels of parameters. */
	readonly catalogue?: Catalogue;
	/** The kind of guest, in whose words the error is. */
	readonly kind?: GuestKind;
	/** The value of the operation. */
	readonly operation?: string;
	/** What to do about a missing privilege. */
	readonly grant?: readonly string[];
}

/** Plain text: `present` makes it safe to show. */
const lines = (...parts: Array<string | undefined | false>): string =>
	parts.filter((part): part is string => typeof part === 'string' && part !== '').join('\n');

/** Some tasks are about no VM. */
const ofVm = ({ vmid }: Trace): string => (vmid === undefined ? '' : ` of VM ${vmid}`);

const UNKNOWN_TASK = 'the response was lost, so its task is unknown';

const taskText = (trace: Trace): string =>
	lines(
		trace.upid !== undefined && `Task${ofVm(trace)} on ${trace.node}: ${trace.upid}`,
		trace.stopUpid !== undefined &&
			`VM ${trace.vmid} was stopped before: ${trace.stopUpid ?? UNKNOWN_TASK}`,
		trace.notRestarted === undefined
			? trace.restartUpid !== undefined &&
					`VM ${trace.vmid} was started again: ${trace.restartUpid ?? UNKNOWN_TASK}`
			: `VM ${trace.vmid} could not be started again: ${[trace.notRestarted, trace.restartUpid].filter(Boolean).join(', ')}`,
		...(trace.images ?? []).map((image) => `The image ${image} is stored, and is used again.`),
		trace.startUpid !== undefined && `Task that starts it: ${trace.startUpid}`,
	);

/** What is there of the VM now. */
const left = ({ guestState, notRemoved, leftBehind = [], vmid, node }: Trace): string | undefined =>
	lines(
		...(guestState === undefined || vmid === undefined || node === undefined
			? []
			: [describeGuestState(guestState, node, vmid), notRemoved]),
		...leftBehind,
	);

/** What is there of a VM, with how to remove what was left behind. */
function describeGuestState(state: GuestState, node: string, vmid: number): string {
	switch (state) {
		case 'nothing':
			return `VM ${vmid} does not exist on ${node}: nothing was left behind.`;
		case 'whole':
			return `VM ${vmid} exists on ${node}.`;
		case 'locked':
			return `VM ${vmid} on ${node} has the lock of a VM that is being created. If no task is creating it, it is a leftover. To delete it, on ${node}: qm unlock ${vmid} && qm destroy ${vmid}`;
		case 'unchanged':
			return `VM ${vmid} on ${node} was not changed, but is still locked by the restore, which did not start. To unlock it, on ${node}: qm unlock ${vmid}`;
		case 'overwritten':
			return `VM ${vmid} on ${node} existed before, so it was not deleted. Some or all of its disks may have been replaced: restore it again with Overwrite. If it is locked, first run: qm unlock ${vmid}`;
		case 'removed':
			return `What was left of VM ${vmid} on ${node} was deleted.`;
		case 'unreadable':
			return `Whether VM ${vmid} exists on ${node} could not be read.`;
	}
}

/**
 * An error as n8n shows it: what happened, which field of which item, and what to do next.
 * @param reason what an operation threw
 */
export function toNodeError(
	{ ...node }: INode,
	reason: unknown,
	about: About,
): NodeApiError | NodeOperationError {
	// n8n stores the node with its error; its parameters may hold a password of the guest.
	node.parameters = {};
	const error = nodeErrorOf(node, reason, about);
	// n8n stores the context with its error, where an error workflow can read it.
	Object.assign(error.context, claimsOf(about.trace));
	// n8n's own errors are as n8n wants them.
	if (error === reason) return error;
	const { kind } = about;
	if (kind !== undefined) {
		error.message = inWordsOf(kind, error.message);
		if (typeof error.description === 'string')
			error.description = inWordsOf(kind, error.description);
	}
	return present(error);
}

/** Adds to an error what became of other items: n8n drops their output, and all errors but the first. */
export function withOthers<Failure extends NodeApiError | NodeOperationError>(
	error: Failure,
	done: ReadonlyArray<{ readonly json: IDataObject }>,
	failed: ReadonlyArray<NodeApiError | NodeOperationError>,
	{ label }: Pick<GuestKind, 'label'>,
): Failure {
	const made = done
		.filter(({ json }) => typeof json.upid === 'string')
		.map(
			({ json }) => `${json.vmid ? `${label} ${String(json.vmid)}` : 'Task'}: ${String(json.upid)}`,
		);
	const others = failed.map(({ message, context }) =>
		[message, ...[context.upid, context.startUpid].filter((upid) => upid !== undefined)]
			.map(String)
			.join(', '),
	);
	return present(
		error,
		lines(
			plainDescription(error),
			...(made.length > 0 ? ['Other items succeeded:', ...made] : []),
			...(others.length > 0 ? ['Other items also failed:', ...others] : []),
		),
	);
}

function nodeErrorOf(
	node: INode,
	reason: unknown,
	about: About,
): NodeApiError | NodeOperationError {
	const { trace, itemIndex, grant = [] } = about;
	const step = stepOf(about);
	if (reason instanceof BadInputError) {
		const sentences = reason.problems.map((problem) => sentenceOf(problem, about.catalogue));
		const [first = 'The parameters are not valid'] = sentences;
		return new NodeOperationError(node, more(first, reason.count - 1), {
			itemIndex,
			description: lines(...sentences.slice(1), 'Nothing was sent to Proxmox VE.'),
		});
	}
	if (reason instanceof PveError) return apiError(node, reason, about);
	if (reason instanceof CredentialError) {
		return new NodeOperationError(node, reason.message, {
			itemIndex,
			description: lines('Open the credential of this node and correct it.', taskText(trace)),
		});
	}
	if (reason instanceof NotAllowedError) {
		return new NodeOperationError(node, reason.message, {
			itemIndex,
			description: lines(reason.advice, 'This request was not sent.', taskText(trace)),
		});
	}
	if (reason instanceof AdvisedError) {
		const error = nodeErrorOf(node, reason.reason, about);
		error.description = lines(reason.advice, error.description ?? undefined);
		return error;
	}
	const taskError = (message: string, ...parts: Array<string | undefined>): NodeApiError =>
		new NodeApiError(
			node,
			{},
			{ message, description: lines(...parts, left(trace), taskText(trace)), itemIndex },
		);
	if (reason instanceof TaskError) {
		return taskError(
			`The task${ofVm(trace)} failed: ${shortReason(reason)}`,
			reason.isUnknown
				? 'Its process ended without a status: it was killed, or the node failed.'
				: undefined,
			reason.isUnknown && trace.guestState === undefined
				? leftLocked(parseUpid(reason.upid)?.type, step)
				: undefined,
			// A title may have only a part of it.
			reason.log.some((line) => line.includes(reason.exitStatus)) ||
				shortReason(reason) === reason.exitStatus
				? undefined
				: `Exit status: ${reason.exitStatus}`,
			...(reason.log.length > 0 ? ['Last lines of its log:', ...reason.log] : []),
			...(grant.length > 0
				? grant
				: [nextStep(reason.exitStatus, step) ?? nextStep(shortReason(reason), step)]),
		);
	}
	if (reason instanceof PlacementError) {
		return new NodeOperationError(node, reason.message, {
			itemIndex,
			description: lines(
				...reason.nodes,
				'Add Options → Node, or correct what is missing on these nodes. Nothing was created.',
			),
		});
	}
	if (reason instanceof TaskGoneError) {
		return taskError(
			`Proxmox VE no longer knows the task${ofVm(trace)}`,
			'How it ended is unknown: its log has been removed.',
		);
	}
	if (reason instanceof StartError) {
		const { description } = nodeErrorOf(node, reason.reason, { ...about, trace: {} });
		return taskError(
			`VM ${trace.vmid} was created, but ${reason.isUnknown ? 'its status could not be read' : 'is not running'}: ${shortReason(reason.reason)}`,
			`VM ${trace.vmid} exists on ${trace.node}: start it or delete it before you run this again.`,
			description ?? undefined,
		);
	}
	if (reason instanceof UnfinishedError) {
		const { description } = nodeErrorOf(node, reason.reason, { ...about, trace: {} });
		return taskError(
			`VM ${trace.vmid} was created, but ${reason.lacks}: ${shortReason(reason.reason)}`,
			`VM ${trace.vmid} exists on ${trace.node}: ${reason.advice}, or delete it before you run this again.`,
			description ?? undefined,
		);
	}
	if (reason instanceof LostAnswerError) {
		return taskError(
			`The request was sent, but its response was lost: ${messageOf(reason.reason.failure)}`,
			`VM ${trace.vmid} may exist on ${trace.node}, or may still be created. ${reason.advice}`,
			...reason.upids.map((upid) => `Task that may belong to it: ${upid}`),
			'Check the task log of the node before you run this again.',
		);
	}
	if (reason instanceof UnknownOutcomeError) {
		return taskError(
			reason.message,
			messageOf(reason.reason.failure),
			...reason.upids.map((upid) => `Task that may belong to it: ${upid}`),
			`Check the VM and the task log${trace.node === undefined ? '' : ` on ${trace.node}`} before you run this again.`,
		);
	}
	if (reason instanceof TaskTimeoutError) {
		return taskError(
			`${trace.vmid === undefined ? 'Proxmox VE' : `VM ${trace.vmid}`}: ${reason.message}. ${reason.lastError === undefined ? 'It continues in Proxmox VE' : 'It may still be running'}`,
			reason.lastError && `Last error: ${messageOf(reason.lastError.failure)}`,
			reason.lastError?.failure.isFinal
				? 'Correct the credential. To wait for the task, use Task → Wait with this UPID.'
				: 'To wait longer, use Task → Wait with this UPID, or raise Options → Timeout.',
		);
	}
	if (reason instanceof NodeApiError || reason instanceof NodeOperationError) return reason;
	return new NodeOperationError(node, reason instanceof Error ? reason : String(reason), {
		itemIndex,
		description: taskText(trace),
	});
}

/** Why something failed, in one short line. */
function shortReason(reason: unknown): string {
	if (reason instanceof TaskError) return reasonOf(reason.exitStatus, reason.log) || 'no status';
	return reason instanceof Error ? reason.message : String(reason);
}

const stepOf = ({ operation, identity, trace: { node, vmid } }: About): Step => ({
	operation,
	identity,
	node,
	vmid,
});

const more = (first: string, others: number): string =>
	others > 0 ? `${first} (and ${others} more)` : first;

function apiError(node: INode, error: PveError, about: About): NodeApiError {
	const { failure } = error;
	const { trace, itemIndex, grant } = about;
	const refused = Object.entries(failure.errors ?? {}).flatMap(([name, text]) =>
		refusalsOf(name, text, about),
	);
	const [first] = refused;
	return new NodeApiError(
		node,
		{},
		{
			message:
				first === undefined
					? messageOf(failure)
					: `Proxmox VE refused ${more(first, refused.length - 1)}`,
			description: lines(
				...refused.slice(1),
				...(grant ?? [adviceOn(failure, stepOf(about))]),
				mayHaveRun(error) && MAY_BE_DONE,
				`Request: ${failure.request}`,
				left(trace),
				taskText(trace),
			),
			...(failure.status === undefined ? {} : { httpCode: String(failure.status) }),
			itemIndex,
		},
	);
}

/** What a 400 says of a parameter, by the labels of its fields. Of a device further lines say what is wrong with which option: `net0.tag: …`. */
function refusalsOf(name: string, text: string, { operation, catalogue }: About): string[] {
	const ofOptions = text
		.split('\n')
		.filter((line) => line.startsWith(`${name}.`) && line.includes(': '))
		.map((line) => line.slice(name.length + 1).split(/: (.*)/));
	const of = (parameter: string, sub?: string): string =>
		catalogue === undefined ? parameter : labelOf(catalogue, parameter, sub);
	// Only these have a field for it: of other steps it is the storage of a disk.
	const label =
		name === 'storage' && operation !== 'restore' && operation !== 'clone' ? 'Storage' : of(name);
	if (ofOptions.length === 0) return [`${label}: ${text.replace(/\n/g, ' ')}`];
	return ofOptions.map(([option, what]) => `${of(name, option)}: ${what}`);
}

const MAY_BE_DONE =
	'It may still have been executed: check the task log of the VM before you run this again.';

/** Whether a request that changes something may have been handled. */
const mayHaveRun = (error: PveError): boolean =>
	isOutcomeUnknown(error) && !error.failure.request.startsWith('GET ');

/** The next step, for what users meet most. */
const adviceOn = (failure: PveError['failure'], step: Step): string | undefined =>
	connectionAdvice(failure) ??
	nextStep([failure.message, ...Object.values(failure.errors ?? {})].join('\n'), step) ??
	unreachable(failure.status, failure.request);

/**
 * What an item of the error output holds: the message, and what was known of the VM.
 * n8n takes an item for a failed one, and keeps what is in it, only with this key. Since 2.36 it lets a few others
 * stand beside it; before, such an item would go out by the first output.
 */
export function errorJson(error: NodeApiError | NodeOperationError, trace: Trace): IDataObject {
	const description = plainDescription(error);
	return {
		error: {
			message: error.message,
			...(description === undefined ? {} : { description }),
			...claimsOf(trace),
		},
	};
}
