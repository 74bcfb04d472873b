import { createHash } from 'node:crypto';

import type { IdRange } from '../../api/vmIds';

/** Where VMs with a key go unless the user names a range: six digits keep them apart from the others. */
const DEFAULT_RANGE: IdRange = { lowest: 100_000, highest: 999_999 };
/** Number of IDs that belong to a key: all of a small range. Each one in use costs a read before the VM is created. */
const MOST_IDS = 200;
/** Longest notes that Proxmox takes, in characters. */
const MOST_NOTES = 8192;

const digestOf = (key: string): string =>
	createHash('sha256').update(key).digest('hex').slice(0, 32);

/** The mark that a VM carries in its notes, which Proxmox shows as Markdown and so hides. */
export const markOf = (key: string): string => `<!-- n8n-key:${digestOf(key)} -->`;

const MARK = /<!-- n8n-key:[0-9a-f]{32} -->/g;

/** The mark in a VM's notes, as it is written there. The last one counts: text above it may quote another VM's notes. */
export const markIn = (notes: string | undefined): string | undefined => notes?.match(MARK)?.at(-1);

const withMark = (notes: string, mark: string): string => {
	const text = notes.replace(MARK, '').trimEnd();
	return text === '' ? mark : `${text}\n\n${mark}`;
};

/** Notes with the mark of a key under them, in place of any other mark. */
export const marked = (description: string, key: string): string =>
	withMark(description, markOf(key));

/**
 * New notes for a VM, with the mark that it carries: without it, its key would make a second VM.
 * @param before the VM's notes as Proxmox reports them
 * @param after the notes that the user wants; unchanged if there was no mark
 */
export function keepMark(before: string | undefined, after: string): string {
	const mark = markIn(before);
	const isThere = after.match(MARK)?.length === 1 && markIn(after) === mark;
	return mark === undefined || isThere ? after : withMark(after, mark);
}

/** The sign in the notes of a guest that its settings are still to be applied. */
const UNFINISHED = ' <!-- n8n-unfinished -->';

/** Notes of a guest with the mark of its key, until its settings are applied. */
const markedUnfinished = (description: string, key: string): string =>
	`${marked(description, key)}${UNFINISHED}`;

/** How notes are marked. @param isUnfinished whether settings are applied later */
export const markFor = (isUnfinished: boolean): typeof marked =>
	isUnfinished ? markedUnfinished : marked;

/** Whether the settings of a guest are still to be applied, by its notes. */
export const isUnfinished = (notes: string): boolean => notes.includes(UNFINISHED.trim());

/** The notes of a clone whose settings are applied with the same request. */
export const finished = (notes: string): string => notes.replace(UNFINISHED, '');

/** What is wrong with the length of notes that are to get the mark of a key, in words that follow their name. */
export function notesProblem(
	description: string,
	key: string,
	mark: typeof marked = marked,
): string | undefined {
	const excess = [...mark(description, key)].length - MOST_NOTES;
	if (excess <= 0) return undefined;
	const length = [...description].length;
	return `may have at most ${length - excess} characters beside the mark of the Idempotency Key, got ${length}`;
}

/**
 * The IDs of a key, in its order: always the same ones in the same order. Two runs with one key, even at the same
 * moment, ask Proxmox for the same ID, and it gives that to one of them. They are spread over the range, so that a
 * block of IDs in use does not stop a key.
 */
export function idsOfKey(key: string, { lowest, highest } = DEFAULT_RANGE): number[] {
	const span = highest - lowest + 1;
	const count = Math.min(span, MOST_IDS);
	const ids = new Set<number>();
	for (let draw = 0; ids.size < count && draw < 3 * MOST_IDS; draw++) {
		const digest = digestOf(draw === 0 ? key : `${key}\n${draw}`);
		ids.add(lowest + (parseInt(digest.slice(0, 12), 16) % span));
	}
	// The last ones of a small range are seldom drawn.
	for (let vmid = lowest; ids.size < count; vmid++) ids.add(vmid);
	return [...ids];
}
