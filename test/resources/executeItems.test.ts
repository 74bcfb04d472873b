import { openLab, type Lab } from '../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

describe('the hints above the output', () => {
	const hintsOf = async (items: number, warnings: string[]) => {
		for (let item = 0; item < items; item++)
			lab.emulator.faults.onTask({ type: 'qmcreate', warnings });
		const { runData, error } = await lab.run(
			{},
			Array.from({ length: items }, () => ({})),
		);
		if (error) throw error;
		return Object.values(runData).flatMap((runs) => runs.flatMap(({ hints }) => hints ?? []));
	};

	it('are the warnings of the items, as text', async () => {
		expect(await hintsOf(1, ['a <b>bold</b> one'])).toEqual([
			{
				message: 'Item 0: WARN: a &lt;b&gt;bold&lt;/b&gt; one',
				type: 'warning',
				location: 'outputPane',
			},
		]);
	});

	it('are at most five, and say how many more there are', async () => {
		const hints = await hintsOf(4, ['one', 'two']);
		expect(hints.map(({ message }) => message)).toEqual([
			expect.stringContaining('Item 0: '),
			expect.stringContaining('Item 0: '),
			expect.stringContaining('Item 1: '),
			expect.stringContaining('Item 1: '),
			expect.stringContaining('Item 2: '),
			'3 more warnings are in the output',
		]);
	});

	it('are none without warnings', async () => expect(await hintsOf(1, [])).toEqual([]));
});
