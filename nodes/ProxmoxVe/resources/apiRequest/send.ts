import type { IDataObject } from 'n8n-workflow';

import { isOutcomeUnknown, PveError } from '../../api/errors';
import { stopwatch } from '../../api/sleep';
import { factsOf } from '../../api/tasks/taskFacts';
import { parseUpid } from '../../api/upid';
import { note } from '../../runtime/context';
import { UnknownOutcomeError } from '../../runtime/errors';
import { followAccepted } from '../../runtime/followTask';
import { emit, type Execute, type Item } from '../../runtime/operation';
import { previewRequest } from '../../runtime/previewRequest';
import { apiPath } from '../../wire/apiPath';
import { isRecord } from '../../wire/values';
import { returnAllField } from '../../form/Form';
import { requestFields } from './ownFields';
import { PAGING, readPages } from './readPages';
import { readParameters, type RequestParameters } from './readParameters';

/** Source: any endpoint of the API. */
export const execute: Execute = async (item) => {
	const { run, form, trace } = item;
	const { method = 'GET', specifyParameters } = form.fields(requestFields, {
		method: 'GET',
		specifyParameters: 'fields',
	});
	const given = form.text(
		'path',
		'Path',
		(text) => apiPath(text) !== undefined,
		'a path of the API such as /nodes/pve1/status, without . and .. and with its parameters under Parameters',
	);
	const path = apiPath(given) ?? '';
	const takesLists = method === 'POST' || method === 'PUT';
	const parameters = readParameters(form, specifyParameters === 'json', takesLists);
	const { returnAll } =
		method === 'GET' ? form.fields(returnAllField, { returnAll: false }) : { returnAll: false };
	const set = PAGING.filter((name) => Object.hasOwn(parameters, name));
	if (returnAll === true && set.length > 0)
		form.problems.push({
			parameter: 'returnAll',
			label: returnAllField.returnAll.label,
			message: `cannot be on while Parameters have ${set.join(' and ')}`,
		});
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();
	await run.client.check(method, path, parameters, true);
	if (isPreview) return emit(previewRequest({ method, path, body: parameters }));

	const node = decodeURIComponent(/^\/nodes\/([^/]+)/.exec(path)?.[1] ?? '');
	if (node !== '') note(trace, { node });
	const elapsed = stopwatch();
	const label = `request ${method} ${path}`;
	if (method === 'GET')
		return itemsOf(
			returnAll === true
				? await readPages(run.client, path, parameters as Readonly<Record<string, string>>)
				: await send(item, method, path, parameters),
		);
	// A place in the gate until its task has ended, as for every other request that starts one.
	return await run.gate(node, async () => {
		const data = await send(item, method, path, parameters).catch((error: unknown) => {
			throw error instanceof PveError && isOutcomeUnknown(error)
				? new UnknownOutcomeError(error, label, [])
				: error;
		});
		const task = parseUpid(data);
		if (task === undefined || typeof data !== 'string') return itemsOf(data);
		const { vmid } = factsOf(data);
		note(trace, { node: task.node, ...(vmid === null ? {} : { vmid }) });
		const end = await followAccepted(item, data, { label, waiting });
		return emit({ data, ...end, durationMs: elapsed() });
	});
};

/** Sends the request once. @returns the `data` of the response @throws PveError */
async function send(
	{ run: { client } }: Item,
	method: 'DELETE' | 'GET' | 'POST' | 'PUT',
	path: string,
	parameters: RequestParameters,
): Promise<unknown> {
	const query = parameters as Readonly<Record<string, string>>;
	switch (method) {
		case 'GET':
			return (await client.get<unknown>(path, query)).data;
		case 'DELETE':
			return await client.delete<unknown>(path, query);
		case 'POST':
			return await client.post<unknown>(path, parameters);
		case 'PUT':
			return await client.put<unknown>(path, parameters);
	}
}

/** One item for each row of a list, or for an object; anything else is in `data`. */
const itemsOf = (data: unknown): Array<{ json: IDataObject }> =>
	Array.isArray(data) && data.every(isRecord)
		? data.map((row) => ({ json: row as IDataObject }))
		: [{ json: isRecord(data) ? (data as IDataObject) : { data: data as IDataObject['data'] } }];
