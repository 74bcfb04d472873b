import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

/** What a kind of guest is called; `guests/kinds.ts` has the rows. */
interface Words {
	readonly label: string;
	readonly noun: string;
	readonly title: string;
	readonly tool: string;
}

/** A VM in a text of this node; neither a privilege such as VM.Audit, nor what Proxmox or the user says of another guest. */
const VM = /(?<!is a |["'.\w])VM(s?)\b(?!\.[A-Z]|\w| \d+ already exists on node ')/g;

/**
 * A text that operations on all kinds of guests share, in the words of one kind. It is written for VMs.
 * @returns the same text for VMs; `CT 300` for `VM 300`, `the container` for `the virtual machine`
 */
export function inWordsOf({ label, noun, title, tool }: Words, text: string): string {
	if (label === 'VM') return text;
	return text
		.replace(VM, `${label}$1`)
		.replace(/Virtual Machine/g, title)
		.replace(/virtual machine/g, noun)
		.replace(/\bResize Disk\b/g, 'Resize Volume')
		.replace(/\bDisk(s?) to Grow\b/g, 'Volume$1 to Grow')
		.replace(/\bqm (unlock|destroy)\b/g, `${tool} $1`);
}

type Part = INodeProperties | INodePropertyOptions | INodePropertyCollection;

/** The same of everything that a property shows, in its options too. Names and values stay. */
export function propertyInWordsOf<P extends Part>(kind: Words, part: P): P {
	const words = (text: unknown): unknown =>
		typeof text === 'string' ? inWordsOf(kind, text) : text;
	const parts = (list: unknown): unknown =>
		Array.isArray(list) ? list.map((one: Part) => propertyInWordsOf(kind, one)) : list;
	const isChoice = 'value' in part && !('type' in part);
	return Object.fromEntries(
		Object.entries(part).map(([key, value]) => {
			if (key === 'options' || key === 'values') return [key, parts(value)];
			const isText =
				['displayName', 'description', 'placeholder'].includes(key) || (key === 'name' && isChoice);
			return [key, isText ? words(value) : value];
		}),
	) as P;
}
