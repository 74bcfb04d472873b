const nameOf = (line: string): string => line.replace(/=.*/s, '');

/** The environment of a container with variables that are added or changed, as Proxmox stores it: with NUL between them. */
export function withVariables(before: string, given: string): string {
	const added = given.split('\0');
	const names = new Set(added.map(nameOf));
	const kept = before.split('\0').filter((line) => line !== '' && !names.has(nameOf(line)));
	return [...kept, ...added].join('\0');
}
