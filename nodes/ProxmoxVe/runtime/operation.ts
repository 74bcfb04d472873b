import type { IBinaryKeyData, IDataObject, INodeProperties } from 'n8n-workflow';

import type { GuestKind } from '../guests/kinds';
import type { Form } from '../form/Form';
import type { Trace } from './context';
import type { Run } from './run';

/** One item of a run, for an operation. */
export interface Item {
	readonly run: Run;
	readonly index: number;
	/** The kind of guest that the item is about. Where it may be any, locateVm sets it. */
	kind: GuestKind;
	/** What the user entered for this item. */
	readonly form: Form;
	/** Filled in as it becomes known, so that an error loses neither VM ID nor UPID. */
	readonly trace: Trace;
}

/** What an operation emits for an item: by the first output, unless it says so. */
export interface Emitted {
	readonly json: IDataObject;
	readonly binary?: IBinaryKeyData;
	readonly output?: number;
}

/** What an operation does for an item: a file each. */
export type Execute = (item: Item) => Promise<Emitted[]>;

/** An operation: its name, its fields, and the file that executes it. */
export interface Operation {
	/** The n8n value. It is stored in workflows: never change it. */
	readonly value: string;
	readonly name: string;
	/** Sentence case, for the list of actions: `Create a virtual machine`. */
	readonly action: string;
	/** One short clause for n8n's list, which cuts off a longer one: with what cannot be undone first. */
	readonly description: string;
	/** What else it does, and what comes out: for the docs and for AI models that build workflows. */
	readonly details: string;
	/** Without resource and operation: those are added where all operations come together. */
	readonly properties: readonly INodeProperties[];
	/** The names of its outputs, if it has more than one. */
	readonly outputs?: readonly string[];
	/** Its file: n8n loads every node when it starts, so what only an execution needs is left to the first one. */
	load(): Promise<{ readonly execute: Execute }>;
}

/** A kind of thing, and what can be done with it. */
export interface Resource {
	readonly value: string;
	readonly name: string;
	/** The kind of guest that it is about; errors have the labels of its catalogue. */
	readonly kind: GuestKind;
	readonly operations: readonly Operation[];
}

/** The one item that most operations emit. */
export const emit = (json: IDataObject): Emitted[] => [{ json }];
