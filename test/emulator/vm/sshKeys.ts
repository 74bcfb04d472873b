import { failure } from '../errors';

const KEY_TYPES =
	/(?:^|\s)((?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d+|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)(?:-cert-v01@openssh\.com)?)\s+([A-Za-z0-9+/]+=*)/;

/** Whether a line holds a public key: its bytes have to begin with the name of its type. */
function isPublicKey(line: string): boolean {
	const [, type, encoded] = KEY_TYPES.exec(line) ?? [];
	if (type === undefined || encoded === undefined) return false;
	const bytes = Buffer.from(encoded, 'base64');
	if (bytes.length < 4 + type.length + 4) return false;
	const length = bytes.readUInt32BE(0);
	return bytes.subarray(4, 4 + length).toString('latin1') === type;
}

/** Throws where one of the lines of percent-encoded `sshkeys` is no public key. */
export function checkSshKeys(encoded: string): void {
	const bytes = encoded.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
	const lines = bytes.split('\n').filter((line) => line.trim() !== '');
	if (!lines.every(isPublicKey)) throw failure('SSH public key validation error');
}
