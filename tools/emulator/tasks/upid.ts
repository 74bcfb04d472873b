export interface UpidParts {
	node: string;
	pid: number;
	pstart: number;
	starttime: number;
	type: string;
	id: string;
	user: string;
}

const UPID =
	/^UPID:([a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?):([0-9A-Fa-f]{8}):([0-9A-Fa-f]{8,9}):([0-9A-Fa-f]{8}):([^:\s]+):([^:\s]*):([^:\s]+):$/;

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');

/** `UPID:node:pid:pstart:starttime:type:id:user:`, numbers in hexadecimal. */
export function printUpid({ node, pid, pstart, starttime, type, id, user }: UpidParts): string {
	return `UPID:${node}:${hex(pid)}:${hex(pstart)}:${hex(starttime)}:${type}:${id}:${user}:`;
}

/** The parts of a UPID; undefined where the text is none. */
export function parseUpid(text: string): UpidParts | undefined {
	const [, node, pid, pstart, starttime, type, id, user] = UPID.exec(text) ?? [];
	if (node === undefined || pid === undefined || pstart === undefined || starttime === undefined)
		return undefined;
	return {
		node,
		pid: Number.parseInt(pid, 16),
		pstart: Number.parseInt(pstart, 16),
		starttime: Number.parseInt(starttime, 16),
		type: type ?? '',
		id: id ?? '',
		user: user ?? '',
	};
}
