import { segment, type PveClient } from '../pve/client';
import { isPassing, PveError } from '../pve/errors';
import { pause } from '../pve/pause';

const PAUSE_MS = 2_000;

interface Interfaces {
	readonly result?: ReadonlyArray<{
		readonly name?: string;
		readonly 'ip-addresses'?: ReadonlyArray<{ readonly 'ip-address': string }>;
	}>;
}

/**
 * Waits until the guest agent tells IP addresses that others can reach: no loopback, no link-local ones.
 * Source: `GET /nodes/{node}/qemu/{vmid}/agent/network-get-interfaces`.
 * @returns the addresses; none where the agent told none within the time
 * @throws PveError where the token may not ask the agent
 */
export async function guestAddresses(
	client: PveClient,
	node: string,
	vmid: number,
	seconds: number,
	signal?: AbortSignal,
): Promise<string[]> {
	const deadline = Date.now() + seconds * 1000;
	for (;;) {
		const answer = await client
			.get<Interfaces>(`/nodes/${segment(node)}/qemu/${vmid}/agent/network-get-interfaces`)
			.catch((error: unknown) => {
				// An agent that is not up yet is a 500; a right that lacks stays so.
				if (error instanceof PveError && isPassing(error)) return undefined;
				throw error;
			});
		const found = (answer?.data?.result ?? [])
			.flatMap((one) => one['ip-addresses'] ?? [])
			.map((address) => address['ip-address'])
			.filter((address) => !/^(?:127\.|169\.254\.|::1$|fe80:)/i.test(address));
		const left = deadline - Date.now();
		if (found.length > 0 || left <= 0) return found;
		await pause(Math.min(PAUSE_MS, left), signal);
	}
}
