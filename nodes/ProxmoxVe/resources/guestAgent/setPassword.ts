import { readAsciiFields } from '../../form/guestTexts';
import { agentRequest, tellAgent } from '../../guests/guestAgent';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import type { Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';
import { encodeBytes } from '../../wire/agentText';
import { encodeFields } from '../../wire/encodeFields';
import { passwordFields } from './fields';

const { username: userField, password: passwordField, crypted: cryptedField } = passwordFields;
const FEWEST_CHARACTERS = 5;
const MOST_BYTES = 1024;

/** Source: `POST /nodes/{node}/qemu/{vmid}/agent/set-user-password`. */
export const execute: Execute = async (item) => {
	const { run, form } = item;
	const guest = form.guest();
	const { username } = readAsciiFields(form, { username: userField });
	const { password } = form.fields({ password: passwordField });
	const { crypted } = form.options({ crypted: cryptedField });
	const wrong = (message: string): void =>
		void form.problems.push({ parameter: 'password', label: passwordField.label, message });
	const bytes = Buffer.from(password ?? '', 'utf8');
	if (password !== undefined && [...password].length < FEWEST_CHARACTERS)
		wrong(`must have at least ${FEWEST_CHARACTERS} characters`);
	if (bytes.length > MOST_BYTES) wrong(`may have at most ${MOST_BYTES} bytes in UTF-8`);
	const isPreview = form.previewing();
	form.check();

	const place = await locateVm(item, guest);
	const command = 'set-user-password';
	const body = { username, password: encodeBytes(bytes), ...encodeFields({ crypted }) };
	if (isPreview) return await emitPreview(item, [agentRequest(place, command, body)]);
	await tellAgent(
		run.client,
		place,
		command,
		body,
		`password of ${username} in VM ${place.vmid} on ${place.node}`,
	);
	return await emitGuest(item, place, { username, passwordSet: true });
};
