import assert from 'node:assert/strict';
import { vmsNamed } from './emulator.mjs';
import {
	activate as activateNow,
	call,
	inARow,
	notify,
	proxmox,
	respond,
	smallVm,
	webhook,
	webhookIsThere,
} from './workflows.mjs';

/**
 * Calls webhook → Proxmox VE → HTTP Request → Respond to Webhook many times at once.
 * Each call must make one VM, be notified once, and be answered with the ID of its own VM.
 * @returns seconds from the first call to the last answer
 */
export async function callAtOnce(
	count,
	{ rest, url, emulator, sink, credential, path, activate = activateNow },
) {
	const vm = '$("Proxmox VE").item.json';
	await activate(
		rest,
		inARow(`New VM (${path})`, [
			webhook(path),
			proxmox(credential, smallVm('={{ $json.body.name }}')),
			notify(`${sink.url}/${path}`, '={{ JSON.stringify($json) }}'),
			respond(`={{ JSON.stringify(${vm}) }}`),
		]),
	);
	await webhookIsThere(url, path);

	const names = Array.from({ length: count }, (_, i) => `${path}-${i}`);
	const begun = Date.now();
	const answers = await Promise.all(names.map((name) => call(url, path, { name })));
	const seconds = ((Date.now() - begun) / 1000).toFixed(1);

	assert.deepEqual(
		answers.filter(({ status }) => status !== 200).map(({ text }) => text),
		[],
	);
	assert.equal(
		new Set(answers.map(({ json }) => json.vmid)).size,
		count,
		'every answer has a VM ID of its own',
	);
	assert.deepEqual(
		answers.map(({ json }) => json.name),
		names,
	);
	const made = vmsNamed(emulator, `${path}-`);
	assert.deepEqual(made.map(({ config }) => config.name).sort(), [...names].sort());
	assert.deepEqual(
		sink
			.at(`/${path}`)
			.map(({ name }) => name)
			.sort(),
		[...names].sort(),
	);
	return seconds;
}
