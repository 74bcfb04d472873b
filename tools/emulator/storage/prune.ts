import { parsePropertyString } from '../contract/propertyString';
import { findEndpoint } from '../contract/facts';
import type { Volume } from '../state/types';

/** How many backups are kept, by `keep-last`, `keep-daily` and their like. */
export type Retention = Record<string, number>;

/** Reads a retention such as `keep-last=3,keep-daily=7`; undefined where it is none. */
export function parseRetention(text: string): Retention | undefined {
	const schema =
		findEndpoint('POST', '/nodes/{node}/vzdump')?.parameters['prune-backups']?.subOptions ?? {};
	const { values } = parsePropertyString(schema, text);
	return (
		values &&
		Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]))
	);
}

/** `keep-daily=7, keep-last=3`, as a log shows it. */
export function printRetention(retention: Retention): string {
	return Object.keys(retention)
		.sort()
		.map((name) => `${name}=${retention[name]}`)
		.join(', ');
}

/** Which stretch of time a backup counts for, by its ISO date. */
const PERIODS: ReadonlyArray<
	readonly [name: string, periodOf: (date: string, volume: Volume) => string]
> = [
	['keep-last', (_, { volid }) => volid],
	['keep-hourly', (date) => date.slice(0, 13)],
	['keep-daily', (date) => date.slice(0, 10)],
	['keep-weekly', (date) => weekOf(date)],
	['keep-monthly', (date) => date.slice(0, 7)],
	['keep-yearly', (date) => date.slice(0, 4)],
];

/** The Monday of a date's week. */
function weekOf(date: string): string {
	const day = new Date(date);
	day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
	return day.toISOString().slice(0, 10);
}

/** The backups of one guest that a retention does not cover; protected ones are neither counted nor removed. */
export function backupsToPrune(backups: readonly Volume[], retention: Retention): Volume[] {
	if (retention['keep-all'] || Object.values(retention).every((count) => !count)) return [];
	const candidates = backups
		.filter((volume) => !volume.protected)
		.sort((a, b) => b.ctime - a.ctime || (a.volid < b.volid ? 1 : -1));
	const kept = new Set<Volume>();
	const removed = new Set<Volume>();
	for (const [name, periodOf] of PERIODS) {
		const count = retention[name] ?? 0;
		if (count === 0) continue;
		const period = (volume: Volume) =>
			periodOf(new Date(volume.ctime * 1000).toISOString(), volume);
		const covered = new Set([...kept].map(period));
		const added = new Set<string>();
		for (const volume of candidates) {
			if (kept.has(volume) || removed.has(volume) || covered.has(period(volume))) continue;
			if (added.has(period(volume))) {
				removed.add(volume);
				continue;
			}
			if (added.size >= count) break;
			added.add(period(volume));
			kept.add(volume);
		}
	}
	return candidates.filter((volume) => !kept.has(volume));
}
