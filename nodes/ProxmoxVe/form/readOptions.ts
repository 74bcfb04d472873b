import { choice, flag } from '../catalogue/fields';
import type { IdRange } from '../api/vmIds';
import type { Form, Waiting } from './Form';
import { readReadiness, type Readiness } from './readReadiness';

/** Fail, give back the VM that carries the key, change what differs, or take another ID. */
export type IfExists = 'fail' | 'return' | 'update' | 'useAnotherId';

/** How a VM is created or restored, beside what it is. */
export interface Options extends Waiting, Readiness {
	/** Show the request instead of sending it. */
	readonly preview: boolean;
	/** What to do where the ID is taken. */
	readonly ifExists: IfExists;
	/** Names what the VM is made for, so that it is not made twice; empty means none. */
	readonly idempotencyKey: string;
	/** The IDs to take the next free one from. */
	readonly idRange?: IdRange;
	/** Turn off the VM that a restore is to overwrite. */
	readonly stopFirst: boolean;
	/** Delete what a failed restore leaves of a VM that was not there before. */
	readonly cleanUp: boolean;
}

const creationFields = {
	preview: flag({ label: 'Preview', guards: true }),
	ifExists: choice<IfExists>({
		label: 'If VM Exists',
		options: {
			fail: 'Fail',
			return: 'Return Existing VM',
			update: 'Update It',
			useAnotherId: 'Use Another Free ID',
		},
	}),
	stopFirst: flag({ label: 'Stop First' }),
	cleanUp: flag({ label: 'Clean Up After Failed Restore' }),
};

const KEY_LABEL = 'Options → Idempotency Key';

/**
 * Reads the idempotency key. What an expression made of something else is the same text for many VMs, and an empty
 * one would guard nothing.
 * @returns '' where the option is not set
 */
function readKey(form: Form): string {
	const values = form.rawOptions();
	if (!Object.hasOwn(values, 'idempotencyKey')) return '';
	const { idempotencyKey: given } = values;
	const isPlain =
		typeof given === 'string' || (typeof given === 'number' && Number.isFinite(given));
	const key = isPlain ? String(given).trim() : '';
	const message =
		!isPlain && given !== undefined && given !== null
			? `must be text or a number, got ${Array.isArray(given) ? 'an array' : typeof given === 'object' ? 'an object' : String(given)}`
			: key === ''
				? 'is empty: set it, or remove the option'
				: undefined;
	if (message !== undefined)
		form.problems.push({ parameter: 'idempotencyKey', label: KEY_LABEL, message });
	return key;
}

/** Reads Options of Create and Restore. */
export function readOptions(form: Form): Options {
	const idRange = form.idRange();
	const waiting = form.waiting();
	const {
		ifExists = 'fail',
		preview = false,
		stopFirst = false,
		cleanUp = false,
	} = form.options(creationFields);
	const idempotencyKey = readKey(form);
	if (ifExists === 'return' && !form.hasOption('idempotencyKey')) {
		form.problems.push({
			parameter: 'idempotencyKey',
			label: KEY_LABEL,
			message: 'is needed to find the existing VM',
		});
	}
	return {
		...waiting,
		...readReadiness(form),
		ifExists,
		idempotencyKey,
		preview,
		stopFirst,
		cleanUp,
		...(idRange === undefined ? {} : { idRange }),
	};
}
