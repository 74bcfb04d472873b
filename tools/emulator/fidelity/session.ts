/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test tool, neither shipped nor scanned */
import { loadState, manualClock, startEmulator } from '../index';
import type { Emulator, ManualClock, StateFile } from '../index';
import type { Exchange } from './records';
import type { Vm, VmConfig } from '../state/types';
import { backupBook } from './backups';
import type { BackupBook } from './backups';
import { createClient } from './client';
import type { Answer, OutgoingRequest, Send } from './client';
import { upidBook } from './upids';
import type { UpidBook } from './upids';
import { isRecord } from './json';

/** A guest that a recording asks for and that no line of it makes. */
export interface Unrecorded {
	node: string;
	type: Vm['type'];
	config: VmConfig;
	isRunning: boolean;
}

export interface Ticket {
	ticket: string;
	csrf: string;
}

/** A fresh emulator, and what is known of it from the exchanges so far. Its hours pass as the replay wants them to. */
export interface Session {
	emulator: Emulator;
	upids: UpidBook;
	backups: BackupBook;
	/** The exchange before this one. */
	last?: Exchange;
	/** Guests that were there though no line of the file makes them, to be put there when they are first asked for. */
	unrecorded: Map<number, Unrecorded>;
	/** The group of the exchange before, and the guests that its lines have started or stopped. */
	powerGroup?: string;
	poweredHere: Set<number>;
	/** The clones that are to go before the next one is made. */
	cloned: Set<number>;
	/** The files that lines of the file write into a guest. */
	writtenFiles: ReadonlySet<string>;
	/** Sends a request; where the answer waits for time to pass, lets it pass. */
	send: Send;
	/** Sends a request as root, who may see everything. */
	sendAsRoot(method: string, path: string): Promise<Answer>;
	/** Logs a user in, once. */
	logIn(user: string): Promise<Ticket>;
	/** Lets `ms` pass for the emulator. */
	pass(ms: number): Promise<void>;
	/** Lets time pass until a task has ended; false where it has not within ten minutes. */
	waitForTask(upid: string): Promise<boolean>;
	/** Lets time pass until no task runs; false where one still does after ten minutes. */
	waitForTasks(): Promise<boolean>;
	close(): Promise<void>;
}

/** How long the emulator may take in truth before it is believed to wait for its clock, milliseconds. */
const PATIENCE = 20;
const STEP = 100;
const LONGEST_WAIT = 600_000;

async function pause(ms: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Lets time pass while the emulator has taken requests in, after the first `served`, and not answered them. */
async function passUntilAnswered<T>(
	{ requests }: Emulator,
	clock: ManualClock,
	served: number,
	pending: Promise<T>,
): Promise<T> {
	let isSettled = false;
	const settled = pending.then(
		() => (isSettled = true),
		() => (isSettled = true),
	);
	await Promise.race([settled, pause(PATIENCE)]);
	while (!isSettled) {
		// A slow machine is no reason for the emulator's hours to pass.
		if (requests.slice(served).some(({ status }) => status === 0)) await clock.advance(STEP);
		await Promise.race([settled, pause(1)]);
	}
	return await pending;
}

function passwordOf({ passwords }: Emulator, user: string): string {
	const password = passwords[user];
	if (password === undefined) throw new Error(`No password of ${user} is known`);
	return password;
}

/**
 * Starts an emulator in the recordings' starting state: that of a file, or else the default one.
 * Without TLS: most time would go into handshakes.
 */
export async function startSession(file?: StateFile): Promise<Session> {
	const clock = manualClock();
	const emulator = await startEmulator({
		clock,
		http: true,
		state: file && loadState(clock.now() / 1000, file),
		everyNode: true,
	});
	const clients = new Map(
		Object.entries(emulator.urls).map(([node, url]) => [node, createClient(url, emulator.ca)]),
	);
	const sendAtOnce = createClient(emulator.url, emulator.ca);
	/** Plain requests go to a TLS port, which answers them without looking at any state. */
	let redirecting: Promise<Emulator> | undefined;
	const send = async (request: OutgoingRequest) => {
		if (request.plain)
			return await createClient((await (redirecting ??= startEmulator({ clock }))).url)(request);
		const client = request.via === undefined ? sendAtOnce : clients.get(request.via);
		if (!client) throw new Error(`there is no node ${request.via} to ask`);
		return await passUntilAnswered(emulator, clock, emulator.requests.length, client(request));
	};
	const tickets = new Map<string, Ticket>();
	const root = { Authorization: `PVEAPIToken=${emulator.token.tokenId}=${emulator.token.secret}` };

	async function logIn(user: string): Promise<Ticket> {
		const known = tickets.get(user);
		if (known) return known;
		const { body } = await send({
			method: 'POST',
			path: '/api2/json/access/ticket',
			headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
			body: new URLSearchParams({
				username: user,
				password: passwordOf(emulator, user),
			}).toString(),
		});
		const data = isRecord(body) && isRecord(body.data) ? body.data : {};
		const ticket = { ticket: String(data.ticket), csrf: String(data.CSRFPreventionToken) };
		tickets.set(user, ticket);
		return ticket;
	}

	async function passUntil(isOver: () => boolean): Promise<boolean> {
		for (let passed = 0; passed < LONGEST_WAIT; passed += STEP) {
			if (isOver()) return true;
			await clock.advance(STEP);
		}
		return isOver();
	}

	return {
		emulator,
		upids: upidBook(),
		backups: backupBook(),
		unrecorded: new Map(),
		poweredHere: new Set(),
		cloned: new Set(),
		writtenFiles: new Set(),
		send,
		sendAsRoot: async (method, path) =>
			await send({ method, path: `/api2/json${path}`, headers: root }),
		logIn,
		pass: async (ms) => await clock.advance(ms),
		waitForTask: async (upid) =>
			await passUntil(() => emulator.tasks.find(upid)?.state !== 'running'),
		waitForTasks: async () =>
			await passUntil(() => emulator.tasks.all().every(({ state }) => state !== 'running')),
		async close() {
			await emulator.close();
			await (await redirecting)?.close();
		},
	};
}
