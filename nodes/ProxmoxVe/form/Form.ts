import type { IExecuteFunctions, IHookFunctions, IPollFunctions } from 'n8n-workflow';

import type { AllowedGuests } from '../api/allowedGuests';
import type { IdRange } from '../api/vmIds';
import { choice, decimal, flag, integer, text } from '../catalogue/fields';
import type { PlainField, ValuesOf } from '../catalogue/fields';
import type { Problem } from '../wire/problem';
import { joinList } from '../wire/readDevice';
import { readJsonText } from '../wire/readJson';
import { readPlain, trimmed } from '../wire/readPlain';
import { shown } from '../wire/shown';
import { isPlain, isRecord, isUnset } from '../wire/values';
import { BadInputError } from './BadInputError';
import { DEFAULT_MAX_PARALLEL, DEFAULT_TIMEOUT_SECONDS, HIGHEST_ID, LOWEST_ID } from './limits';
import { widestOf } from './readAllowedGuests';
import { NO_VALUE, readFields, textOf, unwrap } from './readFields';

/** Reads one n8n parameter. @param fallback if the stored node does not have the parameter */
export type GetParameter = (name: string, fallback: unknown) => unknown;

/** A guest by its ID, by its name, or by a tag that only it has. */
export type GuestChoice =
	| { readonly vmid: number }
	| { readonly name: string }
	| { readonly tag: string };

/** A table of fields that are no settings of a guest. */
type Table = Readonly<Record<string, PlainField>>;

/** How to wait for a task. */
export interface Waiting {
	/** Wait for the task, and for the start if one was asked for. */
	readonly wait: boolean;
	readonly timeoutSeconds: number;
	readonly maxPollSeconds: number;
	/** Stop the task in Proxmox too when the execution is cancelled. */
	readonly stopOnCancel: boolean;
}

/** The choices that decide which other fields count; the first one is n8n's default. */
const CHOICES = {
	authentication: { label: 'Authentication', values: ['apiToken', 'password'] },
	backupSource: { label: 'Restore From', values: ['archive', 'newest'] },
	event: { label: 'Trigger On', values: ['taskFinished', 'guestChanged'] },
	newIdMode: { label: 'New VM ID', values: ['next', 'fixed'] },
	specifyVm: { label: 'Specify VM', values: ['fields', 'json'] },
	vmIdMode: { label: 'VM ID', values: ['next', 'fixed'] },
} as const;
type Choices = typeof CHOICES;

/**
 * The one reader of what the user entered. Each typed reader gives a value of its type, also for a wrong one, and
 * keeps what is wrong with it. Read everything, call `check` once, and only then act.
 *
 * A flag takes true, false, 1, 0 and their texts. An expression that gives nothing is an error in a field that guards
 * something (a key, an age limit, a digest), in an option that was added, and in a field with a default.
 */
export interface Form {
	/** What was found wrong so far; readers add to it. */
	readonly problems: Problem[];
	/** @throws BadInputError with everything that is wrong: nothing was sent */
	check(): void;
	/** A form of the same item, with nothing read yet: for advice after a failure. */
	again(): Form;

	/** A parameter as n8n gives it, for a reader of this folder. */
	raw(name: string, fallback?: unknown): unknown;
	/** Whether an option was added, even if it is empty. */
	hasOption(name: string): boolean;
	/** The collection Options as n8n gives it. */
	rawOptions(): Readonly<Record<string, unknown>>;

	/** Parameters that have the names of the fields. @param defaults of those that an older stored node may not have */
	fields<F extends Table>(fields: F, defaults?: Readonly<Record<string, unknown>>): ValuesOf<F>;
	/** Fields that were added under Options. @param given what was added, if it was prepared for the API */
	options<F extends Table>(fields: F, given?: Readonly<Record<string, unknown>>): ValuesOf<F>;
	/**
	 * Fields that were added to a collection. An empty text is unset, unless it guards something.
	 * @param title of the collection, before the labels of its fields
	 */
	collection<F extends Table>(name: string, title: string, fields: F): ValuesOf<F>;
	/**
	 * Fields that were added under Filters. An empty text filters nothing; an expression that gives nothing is an
	 * error, because the list would hold everything that it should leave out.
	 */
	filters<F extends Table>(fields: F): ValuesOf<F>;
	/** A choice that decides which other fields count; the first one if it is not set or wrong. */
	choice<Name extends keyof Choices>(name: Name): Choices[Name]['values'][number];
	/** A list of texts, or a text with commas. */
	list(name: string): string[];
	/** A list of choices. @returns those that are known, once each, in the order of the choices */
	choices<Choice extends string>(name: string, label: string, choices: readonly Choice[]): Choice[];
	/** The entries of a list of fields, such as Disks to Grow. @returns [] if it is wrong */
	entries(name: string, label: string): ReadonlyArray<Readonly<Record<string, unknown>>>;
	/** A JSON object, or its text. @returns {} if it is wrong */
	json(name: string, label: string): Readonly<Record<string, unknown>>;
	/** A text without blanks around it. @param must what an error says that it must be; @returns '' if it is wrong */
	text(name: string, label: string, isRight: (given: string) => boolean, must: string): string;
	/** The ID of a guest in its own parameter. */
	guestId(name: string, label: string): number;
	/** Virtual Machine: which guest to work on. */
	guest(): GuestChoice;
	/** The ID of a guest, wherever it is. @param of what an error names; @returns 0 if it is wrong */
	readGuestId(given: unknown, of: Omit<Problem, 'message'>): number;
	/** Node. @returns '' if it is wrong */
	node(): string;
	/** Return All and Limit. @returns how many results at most; Infinity for all */
	limit(): number;
	/** Wait for Completion or Options → Wait Until, whichever the operation has, and how to wait. */
	waiting(): Waiting;
	/** Options → Preview: show the request in place of sending it. */
	previewing(): boolean;
	/** Lowest and Highest VM ID, if one of them is set; else the widest range in Allowed Guests. */
	idRange(): IdRange | undefined;
	/** How many tasks a node of the cluster may have at a time. A wrong value is an error of `waiting`. */
	maxParallel(): number;
}

const waitFields = {
	waitForCompletion: flag({ label: 'Wait for Completion', guards: true }),
	timeout: decimal({ label: 'Timeout (Seconds)', min: 1 }),
	maxPollInterval: decimal({ label: 'Max Poll Interval (Seconds)', min: 0.1 }),
	stopOnCancel: flag({ label: 'Stop Task on Cancel' }),
	maxParallel: integer({ label: 'Max Parallel', min: 1, guards: true }),
};

const idRangeFields = {
	lowestVmId: integer({ label: 'Lowest VM ID', min: LOWEST_ID, max: HIGHEST_ID, guards: true }),
	highestVmId: integer({ label: 'Highest VM ID', min: LOWEST_ID, max: HIGHEST_ID, guards: true }),
};

const previewField = { preview: flag({ label: 'Preview', guards: true }) };
export const returnAllField = { returnAll: flag({ label: 'Return All', guards: true }) };
const limitField = { limit: integer({ label: 'Limit', min: 1, guards: true }) };
const nodeField = text({ label: 'Node', format: 'pve-node' });
const guestIdField = integer({ label: 'VM ID', min: LOWEST_ID, max: HIGHEST_ID });

/**
 * @param get reads a parameter
 * @param known what is wrong with the node already
 * @param defaultRange of VM IDs, if the user sets none
 */
export function createForm(
	get: GetParameter,
	known: readonly Problem[] = [],
	defaultRange?: IdRange,
): Form {
	const problems: Problem[] = [...known];
	const wrong = (problem: Problem): void => void problems.push(problem);

	const read = <F extends Table>(
		fields: F,
		given: Readonly<Record<string, unknown>>,
	): ValuesOf<F> => {
		const { values, problems: found } = readFields(fields, given);
		problems.push(...found);
		return values;
	};

	// n8n gives an empty one for an expression in the place of the whole collection.
	const collection = (name: string): Readonly<Record<string, unknown>> => {
		const given = get(name, {});
		return isRecord(given) ? given : {};
	};
	const options = (): Readonly<Record<string, unknown>> => collection('options');

	/** What was added, or is always shown with a default, is meant: an expression that gives nothing is a mistake. */
	const refuseNothing = (fields: Table, isMeant: (name: string) => unknown): void => {
		for (const [name, { label, guards, required }] of Object.entries(fields)) {
			const isToldAlready = guards === true || required === true;
			if (!isToldAlready && isMeant(name)) wrong({ parameter: name, label, message: NO_VALUE });
		}
	};

	const form: Form = {
		problems,
		check() {
			if (problems.length > 0) throw new BadInputError(problems);
		},
		again: () => createForm(get, known, defaultRange),
		raw: (name, fallback = '') => get(name, fallback),
		hasOption: (name) => Object.hasOwn(options(), name),
		rawOptions: options,

		fields(fields, defaults = {}) {
			const given = Object.fromEntries(
				Object.keys(fields).map((name) => [name, get(name, defaults[name] ?? null)]),
			);
			refuseNothing(fields, (name) => Object.hasOwn(defaults, name) && isNothing(given[name]));
			return read(fields, given);
		},
		options(fields, given = options()) {
			const added = options();
			refuseNothing(fields, (name) => Object.hasOwn(added, name) && isNothing(added[name]));
			return read(fields, given);
		},

		collection(collected, title, fields) {
			const added = collection(collected);
			const given: Record<string, unknown> = {};
			const labelled = Object.fromEntries(
				Object.entries(fields).map(([name, field]) => [
					name,
					{ ...field, label: `${title} → ${field.label}` },
				]),
			);
			for (const [name, field] of Object.entries(labelled)) {
				if (!Object.hasOwn(added, name)) continue;
				const value = added[name];
				if (isNothing(value)) wrong({ parameter: name, label: field.label, message: NO_VALUE });
				else given[name] = joinList(field, valueOf(value));
			}
			// The fields are the same ones, under longer labels.
			return read(labelled, given) as ValuesOf<typeof fields>;
		},

		filters: (fields) => form.collection('filters', 'Filters', fields),

		choice(name) {
			const { label, values } = CHOICES[name];
			const given = get(name, values[0]);
			const field = choice({
				label,
				options: Object.fromEntries(values.map((value) => [value, value])),
			});
			const one = isPlain(given)
				? readPlain(field, given, 'topLevel')
				: { problem: `must be one of ${values.join(', ')}, got "${shown(given)}"` };
			if ('problem' in one) wrong({ parameter: name, label, message: one.problem });
			return values.find((value) => 'value' in one && value === one.value) ?? values[0];
		},

		list: (name) => textsOf(get(name, [])),

		choices<Choice extends string>(name: string, label: string, choices: readonly Choice[]) {
			const given = form.list(name);
			if (given.some((one) => !choices.some((choice) => choice === one)))
				wrong({
					parameter: name,
					label,
					message: `must be one of ${choices.join(', ')}, got "${given.map(shown).join(', ')}"`,
				});
			return choices.filter((choice) => given.includes(choice));
		},

		entries(name, label) {
			const given = unwrap(get(name, {}));
			const values = isRecord(given) ? (given.values ?? []) : given;
			if (Array.isArray(values) && values.every(isRecord)) return values;
			wrong({ parameter: name, label, message: 'must be a list of entries' });
			return [];
		},

		json(name, label) {
			const given = get(name, '{}');
			const read = typeof given === 'string' ? readJsonText(given) : { value: given };
			if (!('problem' in read) && isRecord(read.value)) return read.value;
			const message =
				'problem' in read ? read.problem : 'must be a JSON object, such as {"name": "value"}';
			wrong({ parameter: name, label, message });
			return {};
		},

		text(name, label, isRight, must) {
			const given = unwrap(get(name, ''));
			const plain = textOf(given);
			if (isRight(plain)) return plain;
			wrong({ parameter: name, label, message: `must be ${must}, got "${shown(given)}"` });
			return '';
		},

		guest() {
			const [name, label] = ['vm', 'Virtual Machine'];
			const given = get(name, '');
			const mode = isRecord(given) && given.__rl === true ? given.mode : undefined;
			if (mode !== 'name' && mode !== 'tag') return { vmid: form.guestId(name, label) };
			const value = textOf(given);
			if (value === '') wrong({ parameter: name, label, message: 'is needed' });
			return mode === 'name' ? { name: value } : { tag: value };
		},

		guestId: (name, label) => form.readGuestId(get(name, ''), { parameter: name, label }),

		readGuestId(given, of) {
			const value = unwrap(given);
			const one =
				isPlain(value) && typeof value !== 'boolean'
					? readPlain(guestIdField, trimmed(guestIdField, value), 'topLevel')
					: undefined;
			if (one !== undefined && 'value' in one) return Number(one.value);
			const message = `must be a VM ID from ${LOWEST_ID} to ${HIGHEST_ID}, got "${shown(value)}"`;
			wrong({ ...of, message });
			return 0;
		},

		node() {
			const given = trimmed(nodeField, unwrap(get('node', '')));
			const refuse = (message: string): string => {
				wrong({ parameter: 'node', message });
				return '';
			};
			if (isUnset(given) || given === '') return refuse('is needed');
			if (!isPlain(given)) return refuse('must be a plain value');
			const one = readPlain(nodeField, given, 'topLevel');
			return 'problem' in one ? refuse(one.problem) : String(one.value);
		},

		limit() {
			if (form.fields(returnAllField, { returnAll: false }).returnAll) return Infinity;
			return form.fields(limitField, { limit: 50 }).limit ?? 1;
		},

		waiting() {
			const {
				waitForCompletion = false,
				timeout = DEFAULT_TIMEOUT_SECONDS,
				maxPollInterval = Infinity,
				stopOnCancel = false,
			} = form.options(waitFields, {
				...options(),
				waitForCompletion: get('waitForCompletion', true),
			});
			return {
				wait: waitForCompletion && textOf(options().waitUntil) !== 'nothing',
				timeoutSeconds: timeout,
				maxPollSeconds: maxPollInterval,
				stopOnCancel,
			};
		},

		previewing: () => form.options(previewField).preview === true,

		idRange() {
			const values = form.options(idRangeFields);
			const { lowestVmId: lowest = LOWEST_ID, highestVmId: highest = HIGHEST_ID } = values;
			if (lowest > highest) {
				wrong({
					parameter: 'lowestVmId',
					label: 'Lowest VM ID',
					message: `must not be above Highest VM ID (${highest})`,
				});
			}
			return Object.keys(values).length > 0 ? { lowest, highest } : defaultRange;
		},

		maxParallel() {
			const { maxParallel } = waitFields;
			const { values } = readFields({ maxParallel }, options());
			return values.maxParallel ?? DEFAULT_MAX_PARALLEL;
		},
	};
	return form;
}

/** The value of a resource locator, or any other value as it is. */
const valueOf = (given: unknown): unknown =>
	isRecord(given) && given.__rl === true ? given.value : given;

/** Whether an expression gave nothing. An empty text is what the panel has for a field that was left alone. */
const isNothing = (given: unknown): boolean => isUnset(valueOf(given));

/** The texts of a list, or of one text with commas. */
const textsOf = (value: unknown): string[] =>
	(Array.isArray(value) ? value : String(value ?? '').split(','))
		.map((one) => String(one).trim())
		.filter((one) => one !== '');

/** The form of an item of an execution. */
export const formOfItem = (
	context: IExecuteFunctions,
	index: number,
	known?: readonly Problem[],
	allowed?: AllowedGuests,
): Form =>
	createForm(
		(name, fallback) => context.getNodeParameter(name, index, fallback) as unknown,
		known,
		allowed && widestOf(allowed),
	);

/** The form of a trigger. */
export const formOfPoll = (context: IHookFunctions | IPollFunctions): Form =>
	createForm((name, fallback) => context.getNodeParameter(name, fallback as never) as unknown);
