import { failure, parameterError } from '../errors';
import type { ClusterState } from '../state/types';
import { activate, checkEnabled, pathOf } from '../storage/storages';
import { durations } from '../tasks/durations';
import type { Worker } from '../tasks/types';
import { seconds } from '../world';
import { runDownload, storedName } from './download';
import { textOf } from './types';
import type { Call, Endpoint } from './types';

/** Downloads a template that the list of appliances offers. */
function downloadAppliance(call: Call): string {
	const { world, authId, parameters } = call;
	const { state } = world;
	const storage = textOf(parameters, 'storage') ?? '';
	const template = textOf(parameters, 'template') ?? '';
	const found = state.appliances.find((appliance) => appliance.template === template);
	if (!found) throw parameterError({ template: 'no such template' });
	if (!checkEnabled(state, storage).content.includes('vztmpl'))
		throw failure(`storage '${storage}' does not support templates`);
	const asked = {
		storage,
		content: 'vztmpl',
		name: template,
		url: found.location,
		algorithm: 'sha512',
		checksum: found.sha512sum,
		isVerified: true,
	};
	return world.tasks.start({
		type: 'download',
		id: template,
		authId,
		run: async (worker) => await runDownload(call, asked, worker),
	});
}

/** A reference in its parts: the registry, if it names one, and the repository with it. */
function readReference(reference: string): { host: string; repository: string; tag: string } {
	const [, name = reference, tag = ''] = /^(.*):(\w[\w.-]*)$/.exec(reference) ?? [];
	const [first = '', ...rest] = name.split('/');
	const isHost = rest.length > 0 && /[.:]/.test(first);
	const host = isHost ? first : 'docker.io';
	const path = isHost ? rest : [first, ...rest];
	// An image without an owner is one of the library.
	const isOfLibrary = host === 'docker.io' && path.length === 1;
	return { host, repository: [host, ...(isOfLibrary ? ['library'] : []), ...path].join('/'), tag };
}

/** The image of a reference, whatever of its name is left out. */
function imageOf({ registry }: ClusterState, reference: string) {
	const { repository, tag } = readReference(reference);
	return registry.get(`${repository}:${tag}`);
}

/** Why skopeo finds no image, and its exit code; undefined where it finds one. */
function skopeoProblem(
	state: ClusterState,
	reference: string,
): { code: number; text: string } | undefined {
	if (imageOf(state, reference)) return undefined;
	const { host, repository, tag } = readReference(reference);
	const known = [...state.registry.keys()].map(readReference);
	if (known.some((each) => each.repository === repository))
		return { code: 2, text: `reading manifest ${tag} in ${repository}: manifest unknown` };
	if (known.some((each) => each.host === host))
		return { code: 1, text: `reading manifest ${tag} in ${repository}: name unknown` };
	const pinged = `pinging container registry ${host}: Get "https://${host}/v2/": dial tcp`;
	return { code: 1, text: `${pinged} ${host}: connect: connection refused` };
}

/** Pulls an image from a registry into a file that containers can be made from. */
function pull(call: Call): string {
	const { world, authId, parameters } = call;
	const { state } = world;
	const storage = textOf(parameters, 'storage') ?? '';
	const reference = textOf(parameters, 'reference') ?? '';
	if (!checkEnabled(state, storage).content.includes('vztmpl'))
		throw failure(`storage '${storage}' is not configured for content-type 'vztmpl'`);
	const { repository, tag } = readReference(reference);
	const given = textOf(parameters, 'filename');
	const name = `${storedName(given ?? `${repository.split('/').at(-1) ?? ''}_${tag}`)}.tar`;
	activate(state, storage);
	const volid = `${storage}:vztmpl/${name}`;
	if (state.volumes.has(volid)) throw failure(`refusing to override existing file '${name}'`);
	return world.tasks.start({
		type: 'ociregistrypull',
		id: name,
		authId,
		run: async (worker) => await copyImage(call, { storage, volid, reference }, worker),
	});
}

async function copyImage(
	{ world }: Call,
	{ storage, volid, reference }: { storage: string; volid: string; reference: string },
	worker: Worker,
): Promise<void> {
	const { state } = world;
	const path = pathOf(state, { storage, content: 'vztmpl', volid });
	await worker.work(durations.download);
	const problem = skopeoProblem(state, reference);
	const image = imageOf(state, reference);
	if (problem || !image) {
		const { code, text } = problem ?? { code: 1, text: '' };
		worker.log(`level=fatal msg="initializing source docker://${reference}: ${text}"`);
		throw failure(
			`command 'skopeo copy docker://${reference} oci-archive:${path}.tmp.${worker.pid}' failed: exit code ${code}`,
		);
	}
	for (const line of ['Getting image source signatures', 'Writing manifest to image destination'])
		worker.log(line);
	const { size = 1_137_664, ...oci } = image;
	const ctime = seconds(world);
	const file = { volid, storage, content: 'vztmpl', format: 'tar', size, used: size, ctime };
	state.volumes.set(volid, { ...file, oci });
}

/** The tags of a repository. */
function tagsOf({ world: { state }, parameters }: Call): string[] {
	const asked = textOf(parameters, 'reference') ?? '';
	const wanted = readReference(`${asked}:latest`).repository;
	const tags = [...state.registry.keys()]
		.map(readReference)
		.flatMap(({ repository, tag }) => (repository === wanted ? [tag] : []));
	if (tags.length > 0) return tags.sort();
	throw failure(`command 'skopeo list-tags docker://${asked}' failed: exit code 1`);
}

export const templateEndpoints: Endpoint[] = [
	{
		method: 'GET',
		path: '/nodes/{node}/aplinfo',
		handle: ({ world: { state } }) => state.appliances,
	},
	{ method: 'POST', path: '/nodes/{node}/aplinfo', handle: downloadAppliance },
	{ method: 'POST', path: '/nodes/{node}/storage/{storage}/oci-registry-pull', handle: pull },
	{ method: 'GET', path: '/nodes/{node}/query-oci-repo-tags', handle: tagsOf },
];
