/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Logger, LogMetadata } from 'n8n-workflow';

/** One line that n8n or a node logged. */
export interface LogEntry {
	level: keyof Logger;
	message: string;
	metadata: LogMetadata;
}

type LogSink = (entry: LogEntry) => void;

const levels = ['error', 'warn', 'info', 'debug'] as const satisfies ReadonlyArray<keyof Logger>;

// n8n has one logger per process: the asynchronous context distinguishes parallel executions.
const sinks = new AsyncLocalStorage<LogSink>();
/** That of an execution which started while no other ran: it needs no context, which slows down every promise. */
let first: LogSink | undefined;
let others = 0;

/** Sends every line of `logger` to the sink of the execution that logs it. */
export function captureLogs(logger: Logger): void {
	for (const level of levels) {
		logger[level] = (message, metadata = {}) =>
			(sinks.getStore() ?? first)?.({ level, message, metadata });
	}
}

/** Runs `action`; what is logged meanwhile, by it and what it starts, goes to `sink`. */
export async function withLogSink<T>(sink: LogSink, action: () => Promise<T>): Promise<T> {
	if (!first) {
		first = sink;
		try {
			return await action();
		} finally {
			first = undefined;
		}
	}
	others++;
	try {
		return await sinks.run(sink, action);
	} finally {
		others--;
		if (others === 0) sinks.disable();
	}
}
