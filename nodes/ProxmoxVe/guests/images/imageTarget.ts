import { findImage, type ImageVolume } from '../../api/images';
import { AdvisedError } from '../../runtime/errors';
import { createGate } from '../../runtime/concurrency';
import type { TaskOutput } from '../../runtime/followTask';
import type { Run } from '../../runtime/run';
import type { ImageContent } from '../../wire/imageName';

/** What to do with an image of the same name. */
export type IfExists = 'keep' | 'replace' | 'fail';

/** Where an image goes. */
export interface ImageTarget {
	readonly node: string;
	readonly storage: string;
	readonly content: ImageContent;
	/** As Proxmox stores it: `wire/imageName.ts`. */
	readonly name: string;
}

/** What became of an image. */
export interface StoredImage {
	readonly volid: string;
	/** As the storage lists it; undefined if the task was not waited for. */
	readonly image: ImageVolume | undefined;
	/** Whether it was there before. */
	readonly reused: boolean;
	readonly task: TaskOutput;
}

/** The volume ID of an image: `local:iso/debian.iso`. */
export const volidOf = ({ storage, content, name }: Omit<ImageTarget, 'node'>): string =>
	`${storage}:${content}/${name}`;

/** One at a time for each image of a cluster, in all executions of this n8n process. */
const gate = createGate(1);

/** Works on an image while no other item does. */
export const withImage = async <Result>(
	{ client }: Run,
	target: ImageTarget,
	work: () => Promise<Result>,
): Promise<Result> => await gate(`${await client.cluster()} ${volidOf(target)}`, work);

/**
 * The image that a task has stored.
 * @param what the task did: `download`
 * @throws AdvisedError if the task has ended and the storage does not list it
 */
export async function storedBy(
	{ client }: Run,
	target: ImageTarget,
	what: string,
	task: TaskOutput,
	reused = false,
): Promise<StoredImage> {
	const volid = volidOf(target);
	if (task.taskStatus === 'running') return { volid, image: undefined, reused, task };
	const image = await findImage(client, target.node, volid);
	if (image) return { volid, image, reused, task };
	throw new AdvisedError(
		new Error(`The ${what} of ${volid} ended, but the storage does not list it`),
		'Another task may have deleted it. Run this step again.',
	);
}

/** @throws AdvisedError because an image of this name is there */
export function refuseExisting(target: ImageTarget): never {
	throw new AdvisedError(
		new Error(`${volidOf(target)} already exists on ${target.node}`),
		'Choose another File Name, or If Exists → Keep or Replace.',
	);
}
