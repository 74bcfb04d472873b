import type { IDataObject } from 'n8n-workflow';

import { flag } from '../../catalogue/fields';
import { PveError } from '../../api/errors';
import { askAgent } from '../../guests/guestAgent';
import { guestAddresses } from '../../guests/guestAddresses';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm, type GuestLocation } from '../../guests/locateGuest';
import { type Execute, type Item } from '../../runtime/operation';
import { isRecord } from '../../wire/values';

const infoFields = {
	fileSystems: flag({ label: 'File Systems' }),
	users: flag({ label: 'Logged-In Users' }),
};

/** The guest may report texts and lists of any length. */
const LONGEST_TEXT = 1_000;
const MOST_ROWS = 500;

/** Source: `GET /nodes/{node}/qemu/{vmid}/agent/info`, `…/get-osinfo` and others, and as guestAddresses says. */
export const execute: Execute = async (item) => {
	const { client, context } = item.run;
	const { form } = item;
	const guest = form.guest();
	const chosen = form.options(infoFields);
	form.check();

	const place = await locateVm(item, guest);
	// The first request fails where the agent cannot be asked at all.
	const info = recordOf(await askAgent(client, place, 'info'));
	const warnings: string[] = [];
	const read = async (command: string): Promise<unknown> =>
		await readOrWarn(item, place, command, warnings);
	const hostName = textOf(recordOf(await read('get-host-name')), 'host-name');
	const os = recordOf(await read('get-osinfo'));
	const signal = context.getExecutionCancelSignal();
	const reported = await guestAddresses(client, place, { seconds: 0, ipVersion: 'ipv4' }, signal);
	return await emitGuest(item, place, {
		agentVersion: textOf(info, 'version'),
		disabledCommands: rowsOf(info.supported_commands)
			.filter(({ enabled }) => enabled === false)
			.map((row) => textOf(row, 'name') ?? ''),
		hostName,
		os: {
			id: textOf(os, 'id'),
			name: textOf(os, 'pretty-name') ?? textOf(os, 'name'),
			version: textOf(os, 'version-id'),
			kernel: textOf(os, 'kernel-release'),
			machine: textOf(os, 'machine'),
		},
		...reported.network,
		...(chosen.fileSystems === true
			? { fileSystems: rowsOf(await read('get-fsinfo')).map(fileSystemOf) }
			: {}),
		...(chosen.users === true ? { users: rowsOf(await read('get-users')).map(userOf) } : {}),
		warnings: [...warnings, ...reported.warnings],
	});
};

/** What the agent does not report is left out, with a warning: not every guest knows every command. */
async function readOrWarn(
	{ run }: Item,
	place: GuestLocation,
	command: string,
	warnings: string[],
): Promise<unknown> {
	return await askAgent(run.client, place, command).catch((error: unknown) => {
		if (!(error instanceof PveError) || error.failure.status !== 500) throw error;
		warnings.push(`The guest agent of VM ${place.vmid} refused ${command}: ${error.message}`);
		return undefined;
	});
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
	isRecord(value) ? value : {};
const rowsOf = (value: unknown): Array<Record<string, unknown>> =>
	Array.isArray(value) ? value.filter(isRecord).slice(0, MOST_ROWS) : [];

const textOf = (row: Readonly<Record<string, unknown>>, key: string): string | null => {
	const value = row[key];
	return typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : null;
};
const numberOf = (row: Readonly<Record<string, unknown>>, key: string): number | null => {
	const value = row[key];
	return typeof value === 'number' ? value : null;
};

const fileSystemOf = (row: Record<string, unknown>): IDataObject => ({
	mountPoint: textOf(row, 'mountpoint'),
	device: textOf(row, 'name'),
	type: textOf(row, 'type'),
	usedBytes: numberOf(row, 'used-bytes'),
	totalBytes: numberOf(row, 'total-bytes'),
});

const userOf = (row: Record<string, unknown>): IDataObject => {
	const since = numberOf(row, 'login-time');
	// In seconds, with a fraction.
	const loginAt = new Date((since ?? NaN) * 1000);
	return {
		user: textOf(row, 'user'),
		domain: textOf(row, 'domain'),
		loginAt: Number.isNaN(loginAt.getTime()) ? null : loginAt.toISOString(),
	};
};
