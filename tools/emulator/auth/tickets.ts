import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../clock';

const LIFETIME = 2 * 60 * 60;
/** Clients may be a little ahead. */
const TOLERANCE = 5 * 60;

export interface TicketBook {
	/** A ticket for the user, good for two hours. */
	issueTicket(user: string): string;
	/** The token that a writing request must carry beside the ticket. */
	issueCsrfToken(user: string): string;
	/** Whose ticket it is; undefined where it is forged or too old. */
	readTicket(ticket: string): string | undefined;
	isCsrfToken(user: string, token: string | undefined): boolean;
}

/** Issues and checks login tickets, signed with a secret of this emulator alone. */
export function ticketBook(clock: Clock): TicketBook {
	const secret = randomBytes(32);
	const sign = (text: string) =>
		createHmac('sha256', secret).update(text).digest('base64').replace(/=+$/, '');
	const stamp = () =>
		Math.floor(clock.now() / 1000)
			.toString(16)
			.toUpperCase()
			.padStart(8, '0');
	const isFresh = (hex: string) => {
		const age = clock.now() / 1000 - Number.parseInt(hex, 16);
		return age > -TOLERANCE && age < LIFETIME;
	};
	return {
		issueTicket(user) {
			const plain = `PVE:${user}:${stamp()}`;
			return `${plain}::${sign(plain)}`;
		},
		issueCsrfToken(user) {
			const time = stamp();
			return `${time}:${sign(`${time}:${user}`)}`;
		},
		readTicket(ticket) {
			const [, plain, user, time, signature] =
				/^(PVE:([^:]+):([0-9A-F]{8}))::(.+)$/.exec(ticket) ?? [];
			if (plain === undefined || user === undefined || time === undefined) return undefined;
			return signature === sign(plain) && isFresh(time) ? user : undefined;
		},
		isCsrfToken(user, token) {
			const [, time, signature] = /^([0-9A-F]{8}):(.+)$/.exec(token ?? '') ?? [];
			return time !== undefined && signature === sign(`${time}:${user}`) && isFresh(time);
		},
	};
}
