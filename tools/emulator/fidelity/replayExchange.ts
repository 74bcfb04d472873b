import type { Answer, OutgoingRequest } from './client';
import { compareAnswers, compareConfigs, compareTasks } from './compare';
import { isRecord, show } from './json';
import type { Exchange, RecordedResponse, RecordedTask } from './records';
import type { Session } from './session';
import { stage } from './stage';
import { findUpids } from './upids';

const FORM = 'application/x-www-form-urlencoded';

/** How often and how far apart a read is repeated while tasks run: when it was recorded, some time had passed. */
const READ_AGAIN = 6;
const READ_PAUSE = 1_000;
/** What passes between two exchanges. */
const PACE = 100;

function bodyOf({ request, jsonText }: Exchange): string | undefined {
	if (request.rawBody !== undefined) return request.rawBody;
	if (request.json !== undefined) return jsonText ?? JSON.stringify(request.json);
	if (!request.form) return undefined;
	const form = new URLSearchParams();
	for (const [name, value] of Object.entries(request.form)) {
		for (const each of Array.isArray(value) ? (value as unknown[]) : [value])
			form.append(name, String(each));
	}
	return form.toString();
}

const BOUNDARY = '----fidelity';

/** An upload's body; a file's content was not recorded, only what it was: `stageUpload` says what is meant. */
function multipartOf({ request }: Exchange): string | undefined {
	const parts = request.multipart?.map(({ name, filename, content, contentOf }) => {
		const file = filename === undefined ? '' : `; filename="${filename}"`;
		return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${content ?? contentOf ?? ''}\r\n`;
	});
	return parts && `${parts.join('')}--${BOUNDARY}--\r\n`;
}

/** Puts tickets in place of `{{ticket:USER}}`, and their CSRF tokens in place of `{{csrf}}`. */
async function fillHeaders(
	headers: Record<string, string>,
	session: Session,
): Promise<Record<string, string>> {
	const user = /\{\{ticket:([^}]+)\}\}/.exec(Object.values(headers).join('\n'))?.[1] ?? 'root@pam';
	const needsTicket = Object.values(headers).some((value) => /\{\{(ticket|csrf)/.test(value));
	if (!needsTicket) return headers;
	const { ticket, csrf } = await session.logIn(user);
	const fill = (value: string) =>
		value
			.replace(/\{\{ticket(:[^}]+)?\}\}/g, encodeURIComponent(ticket))
			.replace(/\{\{csrf\}\}/g, csrf);
	return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value)]));
}

/** A token's header, the recorded headers with tickets filled in, or root's header where the recording names neither. */
async function headersOf({ request }: Exchange, session: Session): Promise<Record<string, string>> {
	const { headers, token, form, multipart } = request;
	const type: Record<string, string> = multipart
		? { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` }
		: {};
	if (headers) return { ...(await fillHeaders(headers, session)), ...type };
	const { tokens, token: root } = session.emulator;
	const tokenId = token ?? root.tokenId;
	const authorization = { Authorization: `PVEAPIToken=${tokenId}=${tokens[tokenId]}` };
	return form ? { ...authorization, 'Content-Type': FORM } : authorization;
}

/** The path with our own UPIDs; one of a task that no line of the file made stands for our latest of its kind. */
function translatePath(path: string, { upids, emulator }: Session): string {
	const named = findUpids(path);
	if (named.length === 0) return path;
	upids.learn(
		named,
		emulator.tasks.all().map(({ upid }) => upid),
	);
	return upids.translate(path);
}

/** The node that was asked, where only the task shows it: an upload is not handed on to the node that gets the file. */
function askedNode({ via, request, responses }: Exchange): string | undefined {
	if (via !== undefined || !request.multipart) return via;
	return findUpids(JSON.stringify(responses[0]?.body ?? null))[0]?.split(':')[1];
}

async function buildRequest(exchange: Exchange, session: Session): Promise<OutgoingRequest> {
	const { method, path, rawBody } = exchange.request;
	const body = multipartOf(exchange) ?? bodyOf(exchange);
	return {
		method,
		path: translatePath(path, session),
		headers: await headersOf(exchange, session),
		body,
		via: askedNode(exchange),
		plain: isSentOnToTls(exchange) ? true : undefined,
		verbatim: rawBody !== undefined,
	};
}

/** Whether it is a plain request to the TLS port: only those are redirected to TLS. */
function isSentOnToTls({ responses }: Exchange): boolean {
	return responses[0]?.headers?.Location?.startsWith('https:') ?? false;
}

/** Everything that a request says, to be recognised in the answer. */
function sentText(exchange: Exchange): string {
	const { path, form = {} } = exchange.request;
	return [
		path,
		...new URLSearchParams(path.split('?')[1] ?? '').values(),
		bodyOf(exchange),
		...Object.values(form),
	].join('\n');
}

/** Compares answers to requests that were sent at once: which request got which answer is chance. */
function compareInAnyOrder(exchange: Exchange, answers: Answer[], sent: string): string[] {
	const { path } = exchange.request;
	const open = [...answers];
	return exchange.responses.flatMap((expected) => {
		if (expected === null) return ['no answer was recorded for one of several requests'];
		const found = open.findIndex(
			(answer) => compareAnswers(expected, answer, path, sent).length === 0,
		);
		if (found < 0)
			return [
				`no answer is ${show(expected.statusLine)} …, got ${show(open.map(({ phrase }) => phrase))}`,
			];
		open.splice(found, 1);
		return [];
	});
}

async function sendAndCompare(
	exchange: Exchange,
	session: Session,
): Promise<{ answers: Answer[]; differences: string[] }> {
	const request = await buildRequest(exchange, session);
	const sent = sentText(exchange);
	const copies = Array.from(
		{ length: exchange.request.times ?? 1 },
		async () => await session.send(request),
	);
	const answers = await Promise.all(copies);
	if (exchange.responses.length !== 1)
		return { answers, differences: compareInAnyOrder(exchange, answers, sent) };
	const [expected] = exchange.responses;
	const [actual] = answers;
	if (!expected || !actual)
		return {
			answers,
			differences: [`expected no answer, got ${show(actual?.status)} ${show(actual?.phrase)}`],
		};
	return { answers, differences: compareAnswers(expected, actual, request.path, sent) };
}

function dataOf({ body }: Answer): unknown {
	return isRecord(body) ? body.data : undefined;
}

async function compareEnd(
	task: RecordedTask,
	upid: string,
	session: Session,
	sent: string,
): Promise<string[]> {
	if (!(await session.waitForTask(upid))) return ['the task does not end'];
	const path = `/nodes/${upid.split(':')[1]}/tasks/${encodeURIComponent(upid)}`;
	const status = dataOf(await session.sendAsRoot('GET', `${path}/status`));
	const lines = dataOf(await session.sendAsRoot('GET', `${path}/log?limit=0`));
	const log = Array.isArray(lines)
		? lines.map((line) => (isRecord(line) ? String(line.t) : ''))
		: [];
	session.backups.learn(task.log, log);
	return compareTasks(task, status, log, sent);
}

/** The VM's ID as it was written, which is how its config was asked for. */
function vmidOf({ request, jsonText }: Exchange, upid: string): string {
	const written = /"vmid":\s*"?([^",}\s]+)/.exec(jsonText ?? '')?.[1] ?? request.form?.vmid;
	// The removal of a volume names its owner and the storage: `150@local`.
	return written === undefined ? (upid.split(':')[6]?.split('@')[0] ?? '') : String(written);
}

/** Where the VM's config is to be found afterwards; undefined where neither path nor answer name a VM. */
function configPathOf(exchange: Exchange, upid: string): string | undefined {
	const { path } = exchange.request;
	const [, inPath, kind = 'qemu', idInPath] =
		/\/nodes\/([^/]+)(?:\/(qemu|lxc)(?:\/(\d+))?)?/.exec(path) ?? [];
	// Where it was on no node, the recording says on which it was looked for last.
	const [, lookedFor] = /'nodes\/([^/]+)\//.exec(String(exchange.configAfter?._status)) ?? [];
	const node =
		typeof exchange.nodeAfter === 'string'
			? exchange.nodeAfter
			: (lookedFor ?? upid.split(':')[1] ?? inPath);
	const newid = /\/clone$/.test(path) ? exchange.request.form?.newid : undefined;
	const vmid = newid === undefined ? (idInPath ?? vmidOf(exchange, upid)) : String(newid);
	return node === undefined || vmid === '' ? undefined : `/nodes/${node}/${kind}/${vmid}/config`;
}

async function compareFollowUp(
	exchange: Exchange,
	answer: Answer,
	session: Session,
): Promise<string[]> {
	const { task, configAfter } = exchange;
	const sent = sentText(exchange);
	const differences: string[] = [];
	const upid = dataOf(answer);
	if (task) {
		if (typeof upid !== 'string') return ['no task was started'];
		differences.push(...(await compareEnd(task, upid, session, sent)));
	}
	const path = configAfter && configPathOf(exchange, typeof upid === 'string' ? upid : '');
	if (!configAfter || path === undefined) return differences;
	return [
		...differences,
		...compareConfigs(configAfter, await session.sendAsRoot('GET', path), sent),
	];
}

/** Whether a task had ended when its status or log was read. */
function isOfEndedTask({ request, responses }: Exchange): boolean {
	if (request.method !== 'GET' || findUpids(request.path).length === 0) return false;
	return /"status":"stopped"|"t":"TASK /.test(JSON.stringify(responses[0]?.body ?? null));
}

async function readAgainWhileTasksRun(
	exchange: Exchange,
	session: Session,
): ReturnType<typeof sendAndCompare> {
	let outcome = await sendAndCompare(exchange, session);
	if (outcome.differences.length > 0 && isOfEndedTask(exchange)) {
		await session.waitForTasks();
		outcome = await sendAndCompare(exchange, session);
	}
	for (let tries = 1; tries < READ_AGAIN && outcome.differences.length > 0; tries += 1) {
		const isRead = exchange.request.method === 'GET';
		if (!isRead || session.emulator.tasks.all().every(({ state }) => state !== 'running')) break;
		await session.pass(READ_PAUSE);
		outcome = await sendAndCompare(exchange, session);
	}
	return outcome;
}

/** Longer pauses were those of who recorded. */
const LONGEST_PAUSE = 20;

/** How long passed between two exchanges, where it was recorded, milliseconds. */
function pauseBefore({ group, at }: Exchange, { last }: Session): number {
	if (at === undefined || last?.at === undefined || last.group !== group) return PACE;
	// Where a task's end was waited for, it is waited for again.
	const seconds = at - last.at - (last.took ?? 0) - (last.task ? LONGEST_PAUSE : 0);
	return seconds > 0 && seconds <= LONGEST_PAUSE ? seconds * 1_000 : PACE;
}

const wasAnswered = (response: RecordedResponse | null): boolean => response !== null;

/** Replays one recorded exchange; returns what differs from the recording, each in words. */
export async function replayExchange(recorded: Exchange, session: Session): Promise<string[]> {
	const exchange = JSON.parse(session.backups.translate(JSON.stringify(recorded))) as Exchange;
	try {
		await session.pass(pauseBefore(exchange, session));
		session.last = exchange;
		await stage(exchange, session);
		const { answers, differences } = await readAgainWhileTasksRun(exchange, session);
		const [answer] = answers;
		session.upids.learn(exchange.responses[0]?.body, answer?.body);
		// Without the right answer there is no right sequel either.
		if (differences.length > 0 || !answer) return differences;
		return await compareFollowUp(exchange, answer, session);
	} catch (error) {
		if (!exchange.responses.some(wasAnswered)) return [];
		return [`no answer: ${error instanceof Error ? error.message : String(error)}`];
	}
}
