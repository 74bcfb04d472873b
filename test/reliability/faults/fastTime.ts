/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { ClientRequest, OutgoingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import type { Stream } from 'node:stream';
import { Unzip } from 'node:zlib';

/** So much faster than real while a request is under way: a timeout of half a minute is over in less than a second. */
const FACTOR = 50;
/** At most this much of the real time between two turns of the event loop counts, in milliseconds. */
const LONGEST_TURN_MS = 5;
/** So many turns without a request, and the process is believed to wait for a timer only. */
const QUIET_TURNS = 3;
/** At most this many timers are jumped to in one turn, so that a test's own timeout still counts. */
const JUMPS = 50;
/** The longest that a timer of Node can be set to. */
const FOREVER_MS = 2 ** 31 - 1;

/**
 * Makes the time of this process run faster, for client and emulator alike: the clock, timers, and how
 * long a request may take. What takes minutes by the code's own constants is over in seconds.
 * While a request is under way, time runs faster by the factor; while none is, it jumps from timer to timer.
 * Time stops while the process works or waits for a processor, so that nothing times out in a test only
 * because the machine is busy.
 * @returns undoes it; of several calls, the last one to be undone does
 */
export function speedUpTime(): () => void {
	if (users === 0) restore = speedUp(FACTOR);
	users++;
	let isUndone = false;
	return () => {
		if (isUndone) return;
		isUndone = true;
		users--;
		if (users === 0) restore();
	};
}

let users = 0;
let restore = (): void => undefined;

function speedUp(factor: number): () => void {
	const { now } = Date;
	const monotonic = performance.now.bind(performance);
	const { setTimeout, clearTimeout } = globalThis;
	const { setTimeout: setRequestTimeout } = ClientRequest.prototype;
	const start = now();
	const monotonicStart = monotonic();

	let elapsed = 0;
	let turn = monotonicStart;
	const fastNow = () => elapsed + Math.min(monotonic() - turn, LONGEST_TURN_MS) * factor;
	const advanceTo = (time: number) => {
		elapsed = time;
		turn = monotonic();
	};

	/** In the order in which they were set. The timer that was handed out never fires, and only names its entry. */
	const pending = new Map<NodeJS.Timeout, { due: number; fire: () => void }>();
	const fast = <Args extends unknown[]>(
		callback: (...args: Args) => void,
		ms = 0,
		...args: Args
	): NodeJS.Timeout => {
		const timer = setTimeout(() => undefined, FOREVER_MS);
		pending.set(timer, { due: fastNow() + Math.max(1, ms), fire: () => callback(...args) });
		return timer;
	};
	const clear = (timer: Parameters<typeof clearTimeout>[0]) => {
		if (typeof timer === 'object') pending.delete(timer);
		clearTimeout(timer);
	};
	const next = () =>
		[...pending].reduce<[NodeJS.Timeout, { due: number; fire: () => void }] | undefined>(
			(first, other) => (first && first[1].due <= other[1].due ? first : other),
			undefined,
		);
	const fireDue = () => {
		const limit = fastNow();
		for (let first = next(); first && first[1].due <= limit; first = next()) {
			clear(first[0]);
			first[1].fire();
		}
	};

	/** Requests without their whole response, and compressed responses that are not read yet. */
	const underWay = new Set<Stream>();
	const note = (stream: Stream): void => {
		if (underWay.has(stream)) return;
		underWay.add(stream);
		stream.once('close', () => underWay.delete(stream));
	};

	let quietTurns = 0;
	let isOver = false;
	const jump = async () => {
		for (let jumps = 0; jumps < JUMPS && underWay.size === 0 && !isOver; jumps++) {
			const first = next();
			if (!first) return;
			advanceTo(Math.max(fastNow(), first[1].due));
			fireDue();
			// What was woken may send a request.
			await new Promise((later) => setImmediate(later));
		}
	};
	const ticker = setInterval(() => {
		const wasIdle = monotonic() - turn < LONGEST_TURN_MS;
		advanceTo(fastNow());
		fireDue();
		quietTurns = wasIdle && underWay.size === 0 ? quietTurns + 1 : 0;
		if (quietTurns >= QUIET_TURNS) void jump();
	}, 1);
	ticker.unref();

	Date.now = () => Math.floor(start + fastNow());
	performance.now = () => monotonicStart + fastNow();
	globalThis.setTimeout = Object.assign(fast, { __promisify__: setTimeout.__promisify__ });
	globalThis.clearTimeout = clear;
	ClientRequest.prototype.setTimeout = function (ms, callback) {
		const due = fastNow() + ms;
		const fire = (): void => {
			const left = due - fastNow();
			if (left <= 0) callback?.();
			else setRequestTimeout.call(this, Math.ceil(left / factor), fire);
		};
		return setRequestTimeout.call(this, ms / factor, callback && fire);
	};
	ClientRequest.prototype.end = function (...args: unknown[]) {
		note(this);
		return Reflect.apply(OutgoingMessage.prototype.end, this, args) as ClientRequest;
	};
	const unzip = Unzip.prototype as Duplex;
	unzip.write = function (...args: unknown[]) {
		note(this);
		return Reflect.apply(Duplex.prototype.write, this, args) as boolean;
	};
	return () => {
		isOver = true;
		clearInterval(ticker);
		Date.now = now;
		performance.now = monotonic;
		globalThis.setTimeout = setTimeout;
		globalThis.clearTimeout = clearTimeout;
		ClientRequest.prototype.setTimeout = setRequestTimeout;
		Reflect.deleteProperty(ClientRequest.prototype, 'end');
		Reflect.deleteProperty(unzip, 'write');
		// What still waits, as for a task that is no longer of interest, must not keep the process alive for long.
		for (const [timer, { due, fire }] of pending) {
			clear(timer);
			setTimeout(fire, Math.max(0, due - fastNow()) / factor).unref();
		}
	};
}
