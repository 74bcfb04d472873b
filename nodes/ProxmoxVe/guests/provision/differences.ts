import { isSecretName, MASK } from '../../api/redact';
import { fieldOf, type Catalogue, type GuestParameters } from '../../catalogue/catalogue';
import type { Field, FamilyField } from '../../catalogue/fields';
import { isCloudInitDrive, type DiskSize, type Drive } from '../../form/drives';
import { isChangeable, type Change, type CurrentConfig } from '../../form/readChange';
import type { VmRequest } from '../../form/readRequest';
import { decodeConfig } from '../../wire/decodeConfig';
import { encodeBody } from '../../wire/encodeBody';
import { withVariables } from '../../wire/environment';
import { getOwn, isRecord, isUnset } from '../../wire/values';
import { bytesOf } from '../resizeDisk';
import { keepMark } from './idempotency';

/** A setting that differs. */
export interface Difference {
	/** `cores`, or `net0.bridge` of a device. */
	readonly parameter: string;
	/** What the VM has; null if it has nothing. A secret is masked. */
	readonly old: string | null;
	readonly new: string;
}

/** In what a VM differs from the request. */
export interface Differences {
	readonly list: readonly Difference[];
	/** What to change; undefined if no setting differs. */
	readonly change?: Change;
	/** Disks to grow. */
	readonly growth: readonly DiskSize[];
	/** What differs and stays as it is, or cannot be compared. */
	readonly warnings: readonly string[];
}

const DISK = /^(?:ide|sata|scsi|virtio)\d+$/;
/** Volumes that are made once. */
const STATE_VOLUME = /^(?:efidisk|tpmstate)\d+$/;
/** What says how a request is carried out, and not how the VM is; its pool is compared by itself. */
const NO_SETTINGS: readonly string[] = [
	'pool',
	'start',
	'live-restore',
	'bwlimit',
	'force',
	'unique',
];
/** Old names of parameters. */
const STORED_AS: Readonly<Record<string, string>> = { cdrom: 'ide2', smp: 'sockets' };
/** Lists whose order Proxmox does not keep. */
const SORTED: readonly string[] = ['tags'];

/**
 * Compares a VM with what is requested. Only what is requested is compared: everything else stays as it is. Disks are
 * neither replaced nor made smaller.
 * @param present the VM as it is, with what waits for its next start
 */
export function differencesOf(
	catalogue: Catalogue,
	{ parameters, additional, growth: asked, seed, downloads }: VmRequest,
	present: CurrentConfig,
): Differences {
	const { config } = present;
	const list: Difference[] = [];
	const growth: DiskSize[] = [];
	const warnings: string[] = [];
	const changed: Record<string, unknown> = {};
	let addsDevices = false;
	if (seed !== undefined)
		warnings.push('The cloud-init files are not compared: they are only for the first boot');
	const wanted = decodeConfig(catalogue, encodeBody(catalogue, parameters));

	for (const [given, value] of Object.entries<unknown>(parameters)) {
		const name = getOwn(STORED_AS, given) ?? given;
		if (isUnset(value) || NO_SETTINGS.includes(name)) continue;
		const before = config[name];
		if (!isChangeable(catalogue, name)) {
			if (name !== 'template' || before !== true)
				warnings.push(`${name} is not compared: it cannot be changed on an existing VM`);
		} else if (isSecret(catalogue, name)) {
			changed[name] = name === 'env' ? withVariables(String(before ?? ''), String(value)) : value;
			list.push({ parameter: name, old: before === undefined ? null : MASK, new: MASK });
			warnings.push(`${name} cannot be compared, so it is set each time`);
		} else if (name === 'description') {
			compareNotes(String(before ?? ''), String(value));
		} else if (DISK.test(name) && isRecord(value)) {
			compareDrive(name, value, wanted[given]);
		} else if (!STATE_VOLUME.test(name) || before === undefined) {
			compare(name, value, wanted[given]);
		}
	}
	for (const [name, value] of Object.entries(additional))
		if (!agrees(undefined, config[name], value))
			list.push({
				parameter: name,
				old: oldOf(name, config[name]),
				new: shownOf(name, value),
			});
	const differing = Object.fromEntries(
		Object.entries(additional).filter(([name, value]) => !agrees(undefined, config[name], value)),
	);
	const names = [...Object.keys(changed), ...Object.keys(differing)];
	return {
		list,
		growth,
		warnings,
		...(names.length === 0
			? {}
			: {
					change: {
						parameters: changed as GuestParameters,
						additional: differing,
						names,
						steering: {},
						addsDevices,
					},
				}),
	};

	function compareNotes(before: string, notes: string): void {
		const kept = keepMark(before, notes);
		if (kept.trim() === before.trim()) return;
		changed.description = notes;
		list.push({ parameter: 'description', old: before === '' ? null : before, new: kept });
	}

	function compare(name: string, value: unknown, decoded: unknown): void {
		const before = config[name];
		const field = plainOf(catalogue, name);
		if (agrees(field, before, decoded, name)) return;
		addsDevices ||= before === undefined && fieldOf(catalogue, name)?.slot !== undefined;
		changed[name] =
			isRecord(value) && isRecord(before) ? { ...before, ...withoutUnset(value) } : value;
		if (!isRecord(decoded) || !isRecord(before)) {
			list.push({ parameter: name, old: oldOf(name, before), new: shownOf(name, decoded) });
			return;
		}
		for (const [sub, one] of Object.entries(decoded))
			if (!agrees(subOf(field, sub), before[sub], one))
				list.push({
					parameter: `${name}.${sub}`,
					old: oldOf(sub, before[sub]),
					new: shownOf(sub, one),
				});
	}

	function compareDrive(name: string, value: Record<string, unknown>, decoded: unknown): void {
		const before = config[name];
		const drive = value as Drive;
		if (isCloudInitDrive(drive)) {
			const has = Object.values(config).some((one) => isRecord(one) && isCloudInitDrive(one));
			if (!has && before === undefined) compare(name, value, decoded);
			else if (!has) warnings.push(`${name} is in use, so no cloud-init drive was added`);
			return;
		}
		if (!isRecord(before)) {
			if (downloads.some(({ placeholder }) => placeholder === drive['import-from'])) {
				warnings.push(`${name} was not added: an image is downloaded only for a new VM`);
				return;
			}
			compare(name, value, decoded);
			const size = asked.find(({ disk }) => disk === name);
			if (size) growth.push(size);
			return;
		}
		const isCd = (one: unknown): boolean => isRecord(one) && one.media === 'cdrom';
		if (isCd(before) !== isCd(value) || (isCd(before) && isCloudInitDrive(before))) {
			warnings.push(`${name} is ${String(before.file)}, and is not replaced`);
			return;
		}
		if (isCd(before)) {
			compare(name, value, decoded);
			return;
		}
		// The disk itself stays: only its options are compared.
		const keep = ['file', 'import-from', 'size', 'format', 'media'];
		const optionsOf = (one: unknown): Record<string, unknown> =>
			Object.fromEntries(
				Object.entries(isRecord(one) ? one : {}).filter(([sub]) => !keep.includes(sub)),
			);
		const options = optionsOf(value);
		if (Object.keys(options).length > 0) compare(name, options, optionsOf(decoded));
		compareVolume(name, drive, before);
	}

	function compareVolume(name: string, drive: Drive, before: Record<string, unknown>): void {
		const [, storage, gib] = /^([^:]+):(\d+(?:\.\d+)?)$/.exec(drive.file ?? '') ?? [];
		const has = String(before.file ?? '');
		if (storage === undefined ? has !== drive.file : !has.startsWith(`${storage}:`))
			warnings.push(
				`${name} is ${has}${storage === undefined ? '' : `, not on ${storage}`}, and is not replaced`,
			);
		const size = asked.find(({ disk }) => disk === name)?.size ?? sizeOf(gib);
		if (size === undefined || before.size === undefined) return;
		const [now, then] = [String(before.size), size].map(bytesOf) as [number, number];
		if (then > now) {
			growth.push({ disk: name, size });
			list.push({ parameter: `${name}.size`, old: String(before.size), new: size });
		} else if (then < now) {
			warnings.push(`${name} has ${String(before.size)}, and is not made smaller`);
		}
	}
}

/** `32` GiB as a size; undefined for 0, by which an image brings its own size. */
const sizeOf = (gib: string | undefined): string | undefined =>
	gib === undefined || Number(gib) === 0 ? undefined : `${gib}G`;

const isSecret = (catalogue: Catalogue, name: string): boolean => {
	const field = plainOf(catalogue, name);
	return (field?.kind === 'text' && field.secret === true) || isSecretName(name);
};

/** A setting that a VM has, as text; null if it has none. */
const oldOf = (name: string, value: unknown): string | null =>
	value === undefined ? null : shownOf(name, value);

/** A setting as text; a secret is masked. */
function shownOf(name: string, value: unknown): string {
	if (isSecretName(name)) return MASK;
	if (Array.isArray(value)) return value.join(',');
	return isRecord(value)
		? Object.entries(value)
				.map(([sub, one]) => `${sub}=${shownOf(sub, one)}`)
				.join(',')
		: String(value);
}

type Plain = Exclude<Field, FamilyField>;

/** The field of a parameter, and of a family that of one of its slots. */
const plainOf = (catalogue: Catalogue, name: string): Plain | undefined => {
	const field = fieldOf(catalogue, name)?.field;
	return field?.kind === 'family' ? field.item : field;
};

const subOf = (field: Plain | undefined, sub: string): Plain | undefined =>
	field?.kind === 'device' ? field.fields[sub] : undefined;

/** Whether a setting is as it is requested. What is not configured has its default; Proxmox adds sub-options such as a MAC address. */
function agrees(field: Plain | undefined, found: unknown, sent: unknown, name = ''): boolean {
	if (isRecord(sent)) {
		if (found !== undefined && !isRecord(found)) return false;
		return Object.entries(sent).every(([sub, value]) =>
			agrees(subOf(field, sub), found?.[sub], value),
		);
	}
	if (found === undefined) {
		const initial = field?.kind === 'flag' ? (field.default ?? false) : defaultOf(field);
		return textOf(initial, name) === textOf(sent, name);
	}
	return textOf(found, name) === textOf(sent, name);
}

const defaultOf = (field: Plain | undefined): unknown =>
	field !== undefined && 'default' in field ? field.default : undefined;

const MAC = /^(?:[\da-f]{2}:){5}[\da-f]{2}$/i;

function textOf(value: unknown, name: string): string {
	if (Array.isArray(value)) {
		const items = value.map(String);
		return SORTED.includes(name)
			? items
					.map((one) => one.toLowerCase())
					.sort()
					.join()
			: items.join();
	}
	const text = String(value ?? '').trim();
	return MAC.test(text) ? text.toLowerCase() : text;
}

const withoutUnset = (values: Record<string, unknown>): Record<string, unknown> =>
	Object.fromEntries(Object.entries(values).filter(([, value]) => !isUnset(value)));
