import { failure } from '../errors';

const KEY_TYPES =
	/(?:^|\s)((?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d+|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)(?:-cert-v01@openssh\.com)?)\s+([A-Za-z0-9+/]+=*)/;

/** The length-prefixed fields that a key's bytes consist of; undefined where they do not come out even. */
function fieldsOf(bytes: Buffer): Buffer[] | undefined {
	const fields: Buffer[] = [];
	let offset = 0;
	while (offset + 4 <= bytes.length) {
		const end = offset + 4 + bytes.readUInt32BE(offset);
		if (end > bytes.length) return undefined;
		fields.push(bytes.subarray(offset + 4, end));
		offset = end;
	}
	return offset === bytes.length ? fields : undefined;
}

/** Bytes of an Ed25519 key. */
const ED25519_LENGTH = 32;

/** Whether a line holds a public key: its bytes have to begin with the name of its type. */
function isPublicKey(line: string): boolean {
	const [, type, encoded] = KEY_TYPES.exec(line) ?? [];
	const [name, first, ...rest] = fieldsOf(Buffer.from(encoded ?? '', 'base64')) ?? [];
	if (type === undefined || name?.toString('latin1') !== type || first === undefined) return false;
	return type === 'ssh-ed25519' ? first.length === ED25519_LENGTH : rest.length > 0;
}

/** Throws where one of the lines of percent-encoded `sshkeys` is no public key. */
export function checkSshKeys(encoded: string): void {
	const bytes = encoded.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
		String.fromCharCode(Number.parseInt(hex, 16)),
	);
	const lines = bytes.split('\n').filter((line) => line.trim() !== '');
	if (!lines.every(isPublicKey)) throw failure('SSH public key validation error');
}
