import { createHash } from 'node:crypto';
import type { ClusterState, WebFile } from '../state/types';
import { isRecord } from './json';
import type { Exchange } from './records';
import type { Session } from './session';

/** Longer than anything is waited for, seconds. */
const ENDLESS = 3_600;

/** The file of the recorded web server with this path. */
function servedFile({ web }: ClusterState, path: string): WebFile | undefined {
	return [...web].find(([url]) => decodeURIComponent(new URL(url).pathname) === path)?.[1];
}

/** What was uploaded is sent as its path; the file that it stands for is put in its place. */
export function stageUpload({ request, task }: Exchange, { emulator }: Session): void {
	const { state } = emulator;
	const field = (name: string) => request.multipart?.find((part) => part.name === name)?.content;
	for (const { contentOf, content, size } of request.multipart ?? []) {
		if (contentOf === undefined || content !== undefined) continue;
		const algorithm = field('checksum-algorithm');
		const isRight = task?.status.exitstatus === 'OK';
		const sums: WebFile['sums'] =
			isRight && algorithm !== undefined
				? { [algorithm]: field('checksum')?.toLowerCase() ?? '' }
				: {};
		const file = servedFile(state, contentOf) ?? { size: size ?? 0, sums: {} };
		state.standIns ??= new Map();
		state.standIns.set(createHash('sha256').update(contentOf).digest('hex'), {
			...file,
			sums: { ...sums, ...file.sums },
		});
	}
}

/** What an answer proves of a web server that no state file describes: that it has a file, its checksum, its name. */
export function stageWeb({ request, responses, task }: Exchange, { emulator }: Session): void {
	const { web } = emulator.state;
	const { form = {} } = request;
	const isQuery = request.path.includes('/query-url-metadata?');
	if (!isQuery && !request.path.endsWith('/download-url')) return;
	const asked = isQuery ? new URLSearchParams(request.path.split('?')[1]).get('url') : form.url;
	const url = String(asked ?? '').replace(/[?#].*$/s, '');
	const body = responses[0]?.body;
	const data = isRecord(body) && isRecord(body.data) ? body.data : {};
	// One that was not waited for was slow.
	const isStarted =
		!isQuery && responses[0]?.statusLine.startsWith('HTTP/1.1 200') === true && task === undefined;
	const isServed = isStarted || typeof data.size === 'number' || task?.status.exitstatus === 'OK';
	if (!isServed) return;
	const known = web.get(url);
	const file = known ?? {
		size: Number(data.size ?? 0),
		sums: {},
		name: typeof data.filename === 'string' ? data.filename : undefined,
		mimetype: typeof data.mimetype === 'string' ? data.mimetype : undefined,
	};
	if (!known) web.set(url, file);
	if (typeof data.mimetype === 'string') file.mimetype ??= data.mimetype;
	if (isStarted) file.seconds = ENDLESS;
	const algorithm = form['checksum-algorithm'];
	if (typeof algorithm === 'string') file.sums[algorithm] ??= String(form.checksum);
}
