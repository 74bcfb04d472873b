import { failure } from '../errors';
import type { UploadedFile } from '../http/upload';
import { reachOf } from '../state/view';
import { activate, checkEnabled, pathOf } from '../storage/storages';
import { durations } from '../tasks/durations';
import type { Worker } from '../tasks/types';
import type { World } from '../world';
import { checkFileName, checkSum, imageProblem, storeFile } from './download';
import { textOf } from './types';
import type { Call, Endpoint } from './types';

interface Import {
	storage: string;
	content: string;
	name: string;
	file: UploadedFile;
	algorithm?: string;
	checksum?: string;
	/** How it is copied, as a shell would be told. */
	command: string;
}

/** How the node that was asked copies a file to the node that is to have it. */
function copyCommand(world: World, node: string, from: string, to: string): string {
	if (node === world.state.localNode) return `cp -- ${from} ${to}`;
	const address = world.state.nodes.get(node)?.address ?? node;
	return (
		'/usr/bin/scp -o BatchMode=yes ' +
		`-o HostKeyAlias=${node} -o UserKnownHostsFile=/etc/pve/nodes/${node}/ssh_known_hosts ` +
		`-o GlobalKnownHostsFile=none -p -- ${from} [${address}]:${to}`
	);
}

/** Moves an uploaded file to its storage as a task does it, over one of the same name. */
async function run(target: World, asked: Import, worker: Worker): Promise<void> {
	const { storage, content, name, file, command } = asked;
	worker.log(`starting file import from: ${file.path}`);
	if (asked.algorithm !== undefined) {
		const isRight = file.sums[asked.algorithm] === asked.checksum?.toLowerCase();
		worker.log(`calculating checksum...${isRight ? 'OK, checksum verified' : ''}`);
		checkSum(file, asked, '');
	}
	const problem = content === 'import' ? imageProblem(name, file, file.path) : undefined;
	if (problem !== undefined) throw failure(problem);
	worker.log(`target node: ${target.state.localNode}`);
	const path = pathOf(target.state, { storage, content, volid: `${storage}:${content}/${name}` });
	worker.log(`target file: ${path}`);
	worker.log(`file size is: ${file.size}`);
	worker.log(`command: ${command}`);
	await worker.work(durations.upload);
	storeFile(target, asked, file);
	worker.log('finished file import successfully');
}

/** The node that is asked takes the file, and copies it to another one itself: the task is its own. */
function upload({ world, authId, parameters, file }: Call): string {
	const node = textOf(parameters, 'node') ?? '';
	const storage = textOf(parameters, 'storage') ?? '';
	const content = textOf(parameters, 'content') ?? '';
	const found = checkEnabled(world.state, storage, node);
	if (!file) throw failure('missing temporary file name');
	const name = checkFileName(content, textOf(parameters, 'filename') ?? '');
	if (!found.content.includes(content))
		throw failure(`storage '${storage}' does not support '${content}' content`);
	const known = world.state.nodes.get(node);
	if (!known)
		throw failure(
			`hostname lookup '${node}' failed - failed to get address info for: ${node}: Name or service not known`,
		);
	if (reachOf(world.state, known) !== 'here')
		throw failure(
			`can't activate storage '${storage}' on node '${node}': command '/usr/bin/ssh … /usr/sbin/pvesm status --storage ${storage}' failed: exit code 255`,
		);
	const target = world.on(node);
	activate(target.state, storage);
	const path = pathOf(target.state, { storage, content, volid: `${storage}:${content}/${name}` });
	const asked: Import = {
		storage,
		content,
		name,
		file,
		algorithm: textOf(parameters, 'checksum-algorithm'),
		checksum: textOf(parameters, 'checksum'),
		command: copyCommand(world, node, file.path, path),
	};
	return world.tasks.start({
		type: 'imgcopy',
		id: '',
		authId,
		run: async (worker) => await run(target, asked, worker),
	});
}

export const uploadEndpoints: Endpoint[] = [
	{ method: 'POST', path: '/nodes/{node}/storage/{storage}/upload', handle: upload },
];
