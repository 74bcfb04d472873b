import { choice, list, text } from '../../catalogue/fields';
import { listImages } from '../../api/images';
import { escapeHtml } from '../../runtime/errorText';
import type { Execute } from '../../runtime/operation';
import type { Run } from '../../runtime/run';
import { splitList } from '../../wire/values';
import { imageFacts } from './imageFacts';

const CONTENTS = ['import', 'iso', 'vztmpl'];

const filterFields = {
	content: choice({
		label: 'Content Type',
		options: { import: 'Disk Image', iso: 'ISO Image', vztmpl: 'Container Template' },
	}),
	name: text({ label: 'Name Contains' }),
	storage: list({ label: 'Storage', separator: ',', items: 'pve-storage-id' }),
};

/** Source: `GET /nodes/{node}/storage/{storage}/content`. */
export const execute: Execute = async ({ run, form }) => {
	const node = form.node();
	const limit = form.limit();
	const { content, name = '', storage } = form.filters(filterFields);
	form.check();

	const { images, offline } = await listImages(run.client, node, {
		contents: content === undefined ? CONTENTS : [content],
		...(storage === undefined ? {} : { storages: splitList(storage) }),
	});
	if (offline.length > 0) warnOfOffline(run, node, offline);
	return images
		.map((one) => ({ json: { ...imageFacts(one), node } }))
		.filter(({ json }) => json.name.toLowerCase().includes(name.toLowerCase()))
		.slice(0, limit);
};

/** A list that is not whole must not look as if it were. */
function warnOfOffline({ context }: Run, node: string, offline: readonly string[]): void {
	const message = `Images on storages that are offline on ${node} are not in the list: ${offline.join(', ')}`;
	context.logger.warn(message);
	// n8n renders a hint as HTML.
	context.addExecutionHints({
		message: escapeHtml(message),
		type: 'warning',
		location: 'outputPane',
	});
}
