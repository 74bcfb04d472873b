import { NodeApiError, NodeOperationError, type IDataObject, type INode } from 'n8n-workflow';

import { CredentialError } from '../../../credentials/credentialError';
import type { Catalogue } from '../catalogue/catalogue';
import { labelOf, sentenceOf } from '../form/labels';
import {
	isCertificateCode,
	isLost,
	PveError,
	TaskError,
	TaskGoneError,
	TaskTimeoutError,
} from '../api/errors';
import { messageOf, reasonOf } from '../api/messageOf';
import { parseUpid } from '../api/upid';
import { firstProblems, type Problem } from '../wire/problem';
import { present, plainDescription } from './errorText';
import { StartError } from '../guests/followStart';
import { UnknownOutcomeError } from './lostChange';
import { leftLocked, nextStep, type Step } from './advice';
import { describeRemains, type Remains } from '../guests/provision/guestState';
import { LostAnswerError } from '../guests/provision/submit';
import { TemplateError } from '../guests/convertToTemplate';

/** What an error must not lose: where the VM is, and the task that made it. Filled in as it becomes known. */
export interface Trace {
	node?: string;
	vmid?: number;
	upid?: string;
	/** The task that turned off what was to be overwritten. */
	stopUpid?: string;
	/** The task that started it again, after what it was turned off for was refused. */
	restartUpid?: string;
	/** Why it does not run again. */
	notRestarted?: string;
	/** The task that was to start it. */
	startUpid?: string;
	/** What is there of the VM, where that was looked at after a failure. */
	remains?: Remains;
	/** Why what is there was not removed. */
	notRemoved?: string;
	/** Sentences about the empty VMs that are left under other IDs. */
	leftBehind?: string[];
}

/** What an error is about. */
export interface About {
	readonly itemIndex: number;
	/** What was known of the VM by then. */
	readonly trace: Trace;
	/** The user or token that asked. */
	readonly identity?: string;
	/** Has the labels of parameters. */
	readonly catalogue?: Catalogue;
	/** The value of the operation. */
	readonly operation?: string;
	/** What to do about a missing privilege. */
	readonly grant?: readonly string[];
}

/** Bad input, found before any request. */
export class BadInputError extends Error {
	/** The first of them, and how many more there are. */
	readonly problems: readonly Problem[];
	readonly count: number;
	constructor(problems: readonly Problem[]) {
		super(
			firstProblems(problems)
				.map((problem) => sentenceOf(problem))
				.join('; '),
		);
		this.problems = firstProblems(problems);
		this.count = problems.length;
		this.name = 'BadInputError';
	}
}

/** A failure, and what to do about it in this very case. */
export class AdvisedError extends Error {
	constructor(
		readonly reason: Error,
		readonly advice: string,
	) {
		super(reason.message);
		this.name = 'AdvisedError';
	}
}

/** Plain text: `present` makes it safe to show. */
const lines = (...parts: Array<string | undefined | false>): string =>
	parts.filter((part): part is string => typeof part === 'string' && part !== '').join('\n');

/** Some tasks are about no VM. */
const ofVm = ({ vmid }: Trace): string => (vmid === undefined ? '' : ` of VM ${vmid}`);

const traced = (trace: Trace): string =>
	lines(
		trace.upid !== undefined && `Task${ofVm(trace)} on ${trace.node}: ${trace.upid}`,
		trace.stopUpid !== undefined && `VM ${trace.vmid} was turned off before: ${trace.stopUpid}`,
		trace.notRestarted === undefined
			? trace.restartUpid !== undefined &&
					`VM ${trace.vmid} was started again: ${trace.restartUpid}`
			: `VM ${trace.vmid} could not be started again: ${[trace.notRestarted, trace.restartUpid].filter(Boolean).join(', ')}`,
		trace.startUpid !== undefined && `Task of its start: ${trace.startUpid}`,
	);

/** What is there of the VM now. */
const left = ({ remains, notRemoved, leftBehind = [], vmid, node }: Trace): string | undefined =>
	lines(
		...(remains === undefined || vmid === undefined || node === undefined
			? []
			: [describeRemains(remains, node, vmid), notRemoved]),
		...leftBehind,
	);

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
	Object.assign(error.context, about.trace);
	// n8n's own errors are as n8n wants them.
	return error === reason ? error : present(error);
}

/** Adds to an error what became of other items: n8n drops their output, and all errors but the first. */
export function withOthers<Failure extends NodeApiError | NodeOperationError>(
	error: Failure,
	done: ReadonlyArray<{ readonly json: IDataObject }>,
	failed: ReadonlyArray<NodeApiError | NodeOperationError>,
): Failure {
	const made = done
		.filter(({ json }) => typeof json.upid === 'string')
		.map(({ json }) => `${json.vmid ? `VM ${String(json.vmid)}` : 'Task'}: ${String(json.upid)}`);
	const others = failed.map(({ message, context }) =>
		[message, ...[context.upid, context.startUpid].filter((upid) => upid !== undefined)]
			.map(String)
			.join(', '),
	);
	return present(
		error,
		lines(
			plainDescription(error),
			...(made.length > 0 ? ['Other items are done:', ...made] : []),
			...(others.length > 0 ? ['Other items failed, too:', ...others] : []),
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
			description: lines('Open the credential of this node and correct it.', traced(trace)),
		});
	}
	if (reason instanceof AdvisedError) {
		const error = nodeErrorOf(node, reason.reason, about);
		error.description = lines(reason.advice, error.description ?? undefined);
		return error;
	}
	const told = (message: string, ...parts: Array<string | undefined>): NodeApiError =>
		new NodeApiError(
			node,
			{},
			{ message, description: lines(...parts, left(trace), traced(trace)), itemIndex },
		);
	if (reason instanceof TaskError) {
		return told(
			`Proxmox VE could not finish the task${ofVm(trace)}: ${shortReason(reason)}`,
			reason.isUntold
				? 'Its process ended before it told how: it was killed, or the node failed.'
				: undefined,
			reason.isUntold && trace.remains === undefined
				? leftLocked(parseUpid(reason.upid)?.type, step)
				: undefined,
			// A title may have only a part of it.
			reason.log.some((line) => line.includes(reason.exitStatus)) ||
				shortReason(reason) === reason.exitStatus
				? undefined
				: `Exit status: ${reason.exitStatus}`,
			'The last lines of its log:',
			...reason.log,
			...(grant.length > 0
				? grant
				: [nextStep(reason.exitStatus, step) ?? nextStep(shortReason(reason), step)]),
		);
	}
	if (reason instanceof TaskGoneError) {
		return told(
			`Proxmox VE no longer knows the task${ofVm(trace)}`,
			'How it ended is not known: its log has been removed.',
		);
	}
	if (reason instanceof StartError) {
		const { description } = nodeErrorOf(node, reason.reason, { ...about, trace: {} });
		return told(
			`VM ${trace.vmid} was made, but ${reason.isUnknown ? 'whether it runs could not be read' : 'does not run'}: ${shortReason(reason.reason)}`,
			`The VM is there on ${trace.node}: start it or remove it before you run this again.`,
			description ?? undefined,
		);
	}
	if (reason instanceof TemplateError) {
		const { description } = nodeErrorOf(node, reason.reason, { ...about, trace: {} });
		return told(
			`VM ${trace.vmid} was made, but is no template: ${shortReason(reason.reason)}`,
			`The VM is there on ${trace.node}: use Convert to Template, or remove it before you run this again.`,
			description ?? undefined,
		);
	}
	if (reason instanceof LostAnswerError) {
		return told(
			`The request was sent, but its answer was lost: ${messageOf(reason.reason.failure)}`,
			`VM ${trace.vmid} may be there on ${trace.node}, whole or being created. ${reason.advice}`,
			...reason.upids.map((upid) => `Task that may be its own: ${upid}`),
			'Look at the task log of the node before you run this again.',
		);
	}
	if (reason instanceof UnknownOutcomeError) {
		return told(
			reason.message,
			messageOf(reason.reason.failure),
			...reason.upids.map(
				(upid) => `This task may be the one of the request, or of another one: ${upid}`,
			),
			`Look at VM and task log${trace.node === undefined ? '' : ` on ${trace.node}`} before you run this again.`,
		);
	}
	if (reason instanceof TaskTimeoutError) {
		return told(
			`${trace.vmid === undefined ? 'Proxmox VE' : `VM ${trace.vmid}`}: ${reason.message}. It goes on in Proxmox VE`,
			reason.silence && `At the last look: ${messageOf(reason.silence.failure)}`,
			reason.silence?.failure.isFinal
				? 'Correct the credential. To go on with the task, use the operation Wait of the resource Task with this UPID.'
				: 'To go on with it, use the operation Wait of the resource Task with this UPID, or raise Options → Timeout.',
		);
	}
	if (reason instanceof NodeApiError || reason instanceof NodeOperationError) return reason;
	return new NodeOperationError(node, reason instanceof Error ? reason : String(reason), {
		itemIndex,
		description: traced(trace),
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
				isOpen(error) && MAY_BE_DONE,
				`Request: ${failure.request}`,
				left(trace),
				traced(trace),
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
	'It may have been carried out all the same: look at the task log of the VM before you run this again.';

/** Whether a request that changes something may have been handled. */
const isOpen = (error: PveError): boolean =>
	isLost(error) && !error.failure.request.startsWith('GET ');

/** The next step, for what users meet most. */
function adviceOn(
	{ status, code, message, errors = {} }: PveError['failure'],
	step: Step,
): string | undefined {
	if (status === 401) return 'Check the credential: it may be wrong, expired or disabled.';
	if (code && isCertificateCode(code)) {
		return 'Paste the CA of the cluster (/etc/pve/pve-root-ca.pem) into CA Certificate of the credential, or for an n8n before 2.20 set NODE_EXTRA_CA_CERTS to its file. The host name must be one of those in the certificate.';
	}
	if (status === undefined)
		return `Check Cluster URL of the credential, and that n8n can reach the host (${code ?? message}).`;
	return nextStep([message, ...Object.values(errors)].join('\n'), step);
}

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
			...trace,
		},
	};
}
