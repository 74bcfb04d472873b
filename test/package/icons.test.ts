// Plain JavaScript, because gulp runs it.
import { checkIcons, problemOf } from '../../scripts/icons.cjs';

const icon = (content: string, viewBox = '0 0 60 60') =>
	`<svg xmlns="http://www.w3.org/2000/svg" viewBox="${viewBox}">${content}</svg>`;

describe('the icons', () => {
	it('are square, and run or load nothing', async () => {
		await expect(checkIcons()).resolves.toBeUndefined();
	});

	it.each([
		['a good icon', icon('<path fill="url(#a)"/><use href="#b"/>'), undefined],
		['an icon that is not square', icon('', '0 0 60 40'), /square/],
		['an icon that does not start at 0 0', icon('', '5 5 60 60'), /square/],
		['an icon without viewBox', '<svg></svg>', /square/],
		['a script', icon('<script>1</script>'), /runs or loads/],
		['an event handler', icon('<path onload="x()"/>'), /runs or loads/],
		['a linked image', icon('<image href="#a"/>'), /runs or loads/],
		['a link to another host', icon('<use href="https://example.com/a.svg#b"/>'), /runs or loads/],
		[
			'a fill from another host',
			icon('<path fill="url(https://example.com/a)"/>'),
			/runs or loads/,
		],
	])('recognizes %s', (_what, svg, expected) => {
		const problem = problemOf(svg);
		if (expected === undefined) expect(problem).toBeUndefined();
		else expect(problem).toMatch(expected);
	});
});
