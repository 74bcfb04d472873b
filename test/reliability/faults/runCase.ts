/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test tool, neither shipped nor scanned */
import type { ExecutionError, ICredentialDataDecryptedObject, INodeParameters } from 'n8n-workflow';

import { realClock, type Emulator } from '../../../tools/emulator';
import type { StoredCredentials } from '../../../tools/harness/createCredentialsHelper';
import type { ExecutionResult } from '../../../tools/harness/runWorkflow';
import { newVm } from '../../../tools/emulator/state/load';
import type { Worker } from '../../../tools/emulator/tasks/types';
import { inPanel, onPve1, openLab } from '../../support/lab';
import type { FaultCase, Stage } from './faultCase';
import { asContainers, containerParameters, pathOfContainer } from './asContainer';
import { leaksIn, textsIn } from './secrets';

export type CredentialKind = 'apiToken' | 'password';
export type Guest = 'vm' | 'container';

/** What came of a case. */
export interface Outcome {
	status: FaultCase['status'];
	/** Message and description of the error, or the output in short; with what varies from run to run left out. */
	sees: string[];
	vms: number;
	leftBehind: number[];
	posts: number;
	upid: FaultCase['upid'];
	/** Texts that left the node with a secret in them. */
	leaks: string[];
	/** Faults of the case that never occurred. */
	unused: unknown[];
}

/** Secrets that no form of which may be mistaken for another text. */
const ROOT_PASSWORD = 'corr3ct "h0rse"/b&ttery+staple';
const GUEST_PASSWORD = `gu3st's p&ss%w0rd/"ümläut"+\\`;
/** The password of the guest, in the node's parameter by itself, or in an item that an expression reads. */
const GUEST = {
	apiToken: { parameters: { cloudInit: { cipassword: GUEST_PASSWORD } }, item: {} },
	password: {
		parameters: { cloudInit: { cipassword: '={{ $json.pass }}' } },
		item: { pass: GUEST_PASSWORD },
	},
} as const;

/** The password of the guest, in the field that the operation has for it. */
const guestParameters = (kind: CredentialKind, { parameters }: FaultCase): INodeParameters => {
	const { cloudInit } = GUEST[kind].parameters;
	return parameters?.operation === 'clone' ? cloudInit : { cloudInit };
};

/** Longest to wait for tasks that the node does not wait for, in milliseconds. */
const SETTLE_MS = 20_000;

/** Plays a case with one of the credentials: the token's with the guest's password as it is, the ticket's by expression. */
export async function runCase(
	faultCase: FaultCase,
	kind: CredentialKind,
	guest: Guest = 'vm',
): Promise<Outcome> {
	let offset = (faultCase.clockOffsetSeconds ?? 0) * 1000;
	const lab = await openLab({
		http: guest === 'container' || !usesTls(faultCase, kind),
		clock: { ...realClock(), now: () => Date.now() + offset },
	});
	const isContainer = guest === 'container';
	const emulator = isContainer ? asContainers(lab.emulator) : lab.emulator;
	const root = emulator.state.users.get('root@pam');
	if (root) root.password = ROOT_PASSWORD;
	const { secrets, credentials } = watched({
		proxmoxVeApi: { ...lab.credentials.proxmoxVeApi },
		proxmoxVePasswordApi: { ...lab.credentials.proxmoxVePasswordApi, password: ROOT_PASSWORD },
	});

	const strangers = new Set<string>();
	const stop = new AbortController();
	const results: ExecutionResult[] = [];
	const parameters = isContainer
		? { password: GUEST_PASSWORD, ...containerParameters(faultCase.parameters ?? {}, lab.emulator) }
		: {
				...onPve1,
				options: { maxPollInterval: 1 },
				...guestParameters(kind, faultCase),
				...faultCase.parameters,
			};
	const stage: Stage = {
		emulator,
		credentials,
		async logIn() {
			await lab.engine.listSearch('searchNodes', {
				parameters: { authentication: kind },
				credentials,
			});
		},
		passHours(hours) {
			offset += hours * 3_600_000;
		},
		cancel: () => stop.abort(),
		stranger(vmid, ms = 0) {
			const authId = kind === 'password' ? 'root@pam' : emulator.token.tokenId;
			emulator.state.vms.set(vmid, newVm(vmid, 'pve1', { lock: 'create' }));
			const run = async ({ work }: Worker) => {
				await work(ms);
				emulator.state.vms.set(
					vmid,
					newVm(vmid, 'pve1', {
						name: 'stranger',
						smbios1: 'uuid=11111111-2222-4333-8444-555555555555',
					}),
				);
			};
			strangers.add(emulator.tasks.start({ type: 'qmcreate', id: String(vmid), authId, run }));
		},
		async run(settings) {
			const result = await lab.engine.runNode({
				parameters: inPanel({ ...parameters, authentication: kind }),
				items: (faultCase.items ?? [{}]).map((item) => ({ ...GUEST[kind].item, ...item })),
				settings,
				credentials,
				signal: stop.signal,
				onProgress: (event) => {
					if (event.type === 'log') faultCase.onLog?.(stage, event);
				},
			});
			results.push(result);
			return result;
		},
		async requests(count, method, given) {
			const path = isContainer ? pathOfContainer(given) : given;
			const until = Date.now() + SETTLE_MS * 60;
			while (answered(emulator, method, path) < count && Date.now() < until)
				await new Promise<void>((later) => setTimeout(later, 250));
		},
	};

	try {
		faultCase.arrange?.(stage);
		const before = {
			vms: new Set(emulator.state.vms.keys()),
			tasks: new Set(emulator.tasks.all()),
		};
		const result = await (faultCase.act?.(stage) ?? stage.run());
		await Promise.race([
			emulator.tasks.settled(),
			new Promise<void>((over) => setTimeout(over, SETTLE_MS)),
		]);

		const tasks = emulator.tasks
			.all()
			.filter((task) => !before.tasks.has(task) && !task.notStarted && !strangers.has(task.upid));
		const made = [...emulator.state.vms.values()].filter(({ vmid }) => !before.vms.has(vmid));
		const isAtWork = (vmid: number) =>
			tasks.some(({ id, state }) => id === String(vmid) && state === 'running');
		const upids = tasks
			.filter(({ type }) => /^(?:qm|vz)(?:create|restore|clone|start)$/.test(type))
			.map(({ upid }) => upid);
		// The error of a node in a cancelled execution is not shown.
		const shown = textsIn(result.status === 'canceled' ? [] : [result.items, result.error]).join(
			'\n',
		);
		const logged = textsIn(results.map(({ logs }) => logs)).join('\n');
		return {
			status: statusOf(result),
			sees: seenIn(result, emulator),
			vms: made.length,
			leftBehind: [...emulator.state.vms.values()]
				.filter(({ vmid, config }) => config.lock === 'create' && !isAtWork(vmid))
				.map(({ vmid }) => vmid),
			posts: postsIn(emulator),
			upid: whereIs(upids, shown, logged),
			unused: emulator.faults.unused(),
			leaks: results.flatMap((one) =>
				leaksIn(textsIn(one, inputOf(one)), [
					...secrets,
					...Object.values(emulator.tokens),
					GUEST_PASSWORD,
				]),
			),
		};
	} finally {
		await lab.close();
	}
}

/** Most time would go into handshakes: only what breaks a connection is played with TLS, and mostly once. */
const usesTls = ({ phase, only }: FaultCase, kind: CredentialKind): boolean =>
	phase === 'Before the request' ||
	(['The request never arrives', 'The response is lost'].includes(phase) &&
		(kind === 'apiToken' || only !== undefined));

const statusOf = ({ status }: ExecutionResult): Outcome['status'] =>
	status === 'success' || status === 'canceled' ? status : 'error';

const postsIn = ({ requests }: Emulator): number =>
	requests.filter(({ method, path }) => method === 'POST' && /\/(?:qemu|lxc|clone)$/.test(path))
		.length;

const answered = ({ requests }: Emulator, wanted: string, pattern: RegExp): number =>
	requests.filter(
		({ method, path, status }) => method === wanted && pattern.test(path) && status !== 0,
	).length;

/** Each task was told of somewhere; the newest counts for where. */
function whereIs(upids: readonly string[], shown: string, logged: string): Outcome['upid'] {
	const [newest] = upids;
	if (newest === undefined) return 'none';
	if (!upids.every((upid) => shown.includes(upid) || logged.includes(upid))) return 'never told';
	return shown.includes(newest) ? 'kept' : 'in the log';
}

/** The credentials, and all secrets that ever stood in them. */
function watched(given: StoredCredentials): {
	credentials: StoredCredentials;
	secrets: ReadonlySet<string>;
} {
	const secrets = new Set<string>();
	const note = (data: ICredentialDataDecryptedObject): void => {
		for (const name of ['tokenSecret', 'password', 'ticketSecret', 'csrfToken']) {
			const secret = data[name];
			if (typeof secret === 'string' && secret !== '') secrets.add(secret);
		}
	};
	Object.values(given).forEach(note);
	const credentials = new Proxy(given, {
		set(target, name, data: ICredentialDataDecryptedObject) {
			note(data);
			return Reflect.set(target, name, data);
		},
	});
	return { credentials, secrets };
}

/** The user's own workflow and items, which n8n stores with an execution whatever a node does. */
function inputOf({ runData, execution }: ExecutionResult): Set<unknown> {
	const stack = execution.executionData?.nodeExecutionStack ?? [];
	return new Set<unknown>([
		runData.Trigger,
		execution.resultData.pinData,
		...stack.flatMap(({ node, data }) => [node.parameters, data]),
	]);
}

function seenIn({ status, error, items }: ExecutionResult, emulator: Emulator): string[] {
	const log = new Set(emulator.tasks.all().flatMap((task) => task.log));
	if (status === 'canceled')
		return ['(the execution is cancelled: n8n shows no error of the node)'];
	if (error) {
		return [error.message, ...descriptionOf(error).split(/(?:<br>)?\n/)]
			.filter((line) => line !== '' && !log.has(line))
			.map(withoutVarying);
	}
	return (items[0] ?? []).map(({ json: { vmid, reused, warnings } }) => {
		const what =
			reused === true
				? `VM ${String(vmid)}, which existed before`
				: `VM ${String(vmid)} was created`;
		return withoutVarying(
			[what, ...(Array.isArray(warnings) ? warnings.map(String) : [])].join('; warning: '),
		);
	});
}

const descriptionOf = (error: ExecutionError): string =>
	'description' in error ? String(error.description ?? '') : '';

const withoutVarying = (text: string): string =>
	text
		.replace(/UPID%3A[^\s/]+/g, (encoded) => decodeURIComponent(encoded))
		.replace(/UPID:[^\s:]+:\w+:\w+:\w+:(\w+):[\w.-]*:[^\s:]+:/g, 'UPID:…:$1:…')
		.replace(/\b127\.0\.0\.1:\d+/g, 'host');
