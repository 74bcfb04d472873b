import { insist, send } from './fetchSeed';
import type { Around } from './fetchSeed';
import type { GuestSystem } from './guestSystem';

/** What user-data says of phone_home. */
interface PhoneHome {
	url: string;
	post: string[] | 'all';
	tries?: number;
}

const KEYS = ['rsa', 'ecdsa', 'ed25519'].map((type) => `pub_key_${type}`);
const NAMES = ['instance_id', 'hostname', 'fqdn'];
/** cloud-init's own number of tries, and seconds between them. */
const TRIES = 10;
const PAUSE = 3;

/** A value as YAML writes it in one line. */
function valueOf(text: string): unknown {
	const bare = text.trim();
	if (/^["[{]/.test(bare)) {
		try {
			return JSON.parse(bare) as unknown;
		} catch {
			const list = /^\[(.*)\]$/.exec(bare)?.[1];
			return list === undefined ? bare : list.split(',').map((each) => each.trim());
		}
	}
	const single = /^'(.*)'$/.exec(bare)?.[1]?.replace(/''/g, "'");
	return single ?? (/^\d+$/.test(bare) ? Number(bare) : bare);
}

/** The part of the user-data that is called so, as lines of names and values, or as JSON. Nothing else of YAML is read. */
function blockOf(userData: string, name: string): Record<string, unknown> | undefined {
	const text = userData.replace(/^.*\n/, '');
	if (text.trimStart().startsWith('{')) {
		const all = JSON.parse(text) as Record<string, Record<string, unknown> | undefined>;
		return all[name];
	}
	const lines = text.split(/\r?\n/);
	const start = lines.findIndex((line) => new RegExp(`^${name}:\\s*$`).test(line));
	if (start < 0) return undefined;
	const block: Record<string, unknown> = {};
	for (const line of lines.slice(start + 1)) {
		const [, key, value] = /^\s+(\w+):\s*(.+)$/.exec(line) ?? [];
		if (key === undefined || value === undefined) break;
		block[key] = valueOf(value);
	}
	return block;
}

/** The host name that user-data sets. */
export function hostnameIn(userData: string): string | undefined {
	const name = /^hostname: *(\S+)/m.exec(userData)?.[1];
	return name === undefined ? undefined : String(valueOf(name));
}

function readPhoneHome(userData: string): PhoneHome | undefined {
	if (!userData.startsWith('#cloud-config')) return undefined;
	const { url, post = 'all', tries } = blockOf(userData, 'phone_home') ?? {};
	if (typeof url !== 'string') return undefined;
	return {
		url,
		post: Array.isArray(post) ? post.map(String) : 'all',
		...(typeof tries === 'number' ? { tries } : {}),
	};
}

/**
 * Calls the address that user-data names, as the last stage does: a form with keys and names.
 * @returns warnings of cloud-init's log
 */
export async function phoneHome(
	around: Around,
	guest: GuestSystem,
	{ userData, instanceId }: { userData: string; instanceId: string },
): Promise<string[]> {
	const { version } = around;
	const asked = readPhoneHome(userData);
	if (!asked) return [];
	const { tries = TRIES } = asked;
	const url = asked.url.replace('$INSTANCE_ID', instanceId);
	const all = [...(version === '22.4.2' ? ['pub_key_dsa'] : []), ...KEYS, ...NAMES];
	const values: Record<string, string> = {
		instance_id: instanceId,
		hostname: guest.hostname,
		fqdn: guest.hostname,
	};
	const valueFor = (name: string): string => {
		const type = /^pub_key_(\w+)$/.exec(name)?.[1] ?? '';
		const key = guest.files.get(`/etc/ssh/ssh_host_${type}_key.pub`)?.toString();
		return values[name] ?? key ?? 'N/A';
	};
	const names = asked.post === 'all' ? all : asked.post;
	const form = new URLSearchParams(
		names.map((name): [string, string] => [name, valueFor(name)]),
	).toString();
	const called = await insist(
		around,
		async () => await send(url, version, names.length > 0 ? form : undefined),
		{ tries, pause: PAUSE },
	);
	return [
		...(asked.tries === undefined
			? [`Configuration entry 'tries' is not an integer, using ${TRIES} instead`]
			: []),
		...(called ? [] : [`Failed to post phone home data to ${url} in ${tries} tries`]),
	];
}
