/* eslint-disable @n8n/community-nodes/no-dangerous-functions, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { fork } from 'node:child_process';
import { resolve as resolvePath } from 'node:path';

/** What a process offers to the one that started it: each takes one value and gives one, both fit for JSON. */
export type Service = Record<string, (argument: never) => Promise<unknown>>;

/** A separate process and its functions. */
export interface Remote<Offered extends Service> {
	/** @throws Error with the other process' message */
	ask<Name extends keyof Offered & string>(
		name: Name,
		...argument: Parameters<Offered[Name]>
	): Promise<Awaited<ReturnType<Offered[Name]>>>;
	end(): void;
}

interface Question {
	id: number;
	name: string;
	argument: unknown;
}

type Answer = { id: number; value: unknown } | { id: number; error: string };

/** Answers the process that started this one, until that ends. */
export function serve(service: Service): void {
	process.on('message', ({ id, name, argument }: Question) => {
		const work =
			service[name]?.(argument as never) ?? Promise.reject(new Error(`there is no ${name} here`));
		work.then(
			(value) => process.send?.({ id, value } satisfies Answer),
			(error: unknown) =>
				process.send?.({
					id,
					error: error instanceof Error ? error.message : String(error),
				} satisfies Answer),
		);
	});
	process.once('disconnect', () => process.exit());
}

/**
 * Starts a TypeScript file that calls `serve`, in a separate process.
 * @param env added to this process' environment
 */
export function startRemote<Offered extends Service>(
	file: string,
	env: Record<string, string> = {},
): Remote<Offered> {
	const child = fork(file, {
		execArgv: ['--expose-gc', '--require', resolvePath(__dirname, '../../scripts/typescript.cjs')],
		env: { ...process.env, ...env },
	});
	const open = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
	let questions = 0;
	let ended: Error | undefined;

	child.on('message', (answer: Answer) => {
		const asker = open.get(answer.id);
		open.delete(answer.id);
		if ('error' in answer) asker?.reject(new Error(answer.error));
		else asker?.resolve(answer.value);
	});
	child.once('exit', (code, signal) => {
		ended = new Error(`${file} has ended (${signal ?? code})`);
		for (const { reject } of open.values()) reject(ended);
	});

	return {
		async ask(name, ...[argument]) {
			if (ended) throw ended;
			const id = ++questions;
			const answer = new Promise<unknown>((resolve, reject) => open.set(id, { resolve, reject }));
			child.send({ id, name, argument } satisfies Question);
			// The same code serves it, so it is what that code's type says.
			return (await answer) as never;
		},
		end: () => void (child.connected && child.disconnect()),
	};
}
