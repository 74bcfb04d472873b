import type { NodeApiError } from 'n8n-workflow';

import { qemu } from '../../nodes/ProxmoxVe/catalogue/qemu';
import { readParameters } from '../../nodes/ProxmoxVe/wire/readParameters';
import { openLab, type Lab } from '../support/lab';

let lab: Lab;
beforeAll(async () => {
	lab = await openLab();
});
afterAll(async () => await lab.close());

const LONG = 'x'.repeat(1 << 20);
const descriptionOf = (error: unknown): string =>
	String((error as NodeApiError | undefined)?.description);
const lengthOf = (error: unknown): number =>
	JSON.stringify(error).length + (error instanceof Error ? error.message.length : 0);

it('a long VM ID in the JSON of an update is shown short', async () => {
	const { error } = await lab.run({
		operation: 'update',
		vm: { __rl: true, mode: 'list', value: 101 },
		specifyVm: 'json',
		vmJson: { vmid: LONG },
	});
	expect(error?.message).toContain('in the JSON');
	expect(lengthOf(error)).toBeLessThan(20_000);
});

it('no suggestion is looked for a name of many digits', () => {
	const message = (name: string): string | undefined =>
		readParameters(qemu, { [name]: 1 }).problems[0]?.message;
	expect(message('ram1')).toContain('memory');
	expect(message('ram' + '1'.repeat(70))).toBe('is not a parameter that Proxmox VE accepts here');
});

it('a refusal of any length, or of any number of parameters, results in a short error', async () => {
	const errors = Object.fromEntries(
		Array.from({ length: 1_000 }, (_, index) => [`p${index}`, 'is wrong']),
	);
	for (const body of [
		{ data: null, message: LONG },
		{ data: null, errors: { name: LONG } },
		{ data: null, errors },
	]) {
		const effect = {
			status: 400,
			phrase: 'Parameter verification failed.',
			body: JSON.stringify(body),
			headers: { 'Content-Type': 'application/json' },
		};
		lab.emulator.faults.onRequest({ method: 'POST', path: /\/qemu$/, effect });
		const { error } = await lab.run({ name: 'web' });
		lab.emulator.faults.clear();
		expect(error).toBeDefined();
		expect(lengthOf(error)).toBeLessThan(100_000);
		// One is in the title.
		if ('errors' in body && body.errors !== undefined && 'p0' in body.errors)
			expect(descriptionOf(error).match(/is wrong/g)).toHaveLength(19);
	}
});

it.each(['failsBefore', 'failsWithin'])(
	'the exit status and the log of a task are shown short (%s)',
	async (how) => {
		lab.emulator.faults.onTask({ type: 'qmcreate', [how]: LONG });
		const { error } = await lab.run({ name: 'web' });
		lab.emulator.faults.clear();
		const lines = descriptionOf(error).split('\n');
		const isStatus = (line: string): boolean => line.startsWith('Exit status: ');
		expect(lines.find(isStatus)).toHaveLength('Exit status: '.length + 8_000);
		const others = lines.filter((line) => !isStatus(line));
		expect(Math.max(...others.map((line) => line.length))).toBe(4_000);
	},
);
