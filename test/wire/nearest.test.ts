import { nearest } from '../../nodes/ProxmoxVe/wire/nearest';

const MANY = 64;

describe('the known name that is nearest to another one', () => {
	it.each([
		['croes', 'cores'],
		['corse', 'cores'],
		['core', 'cores'],
		['Cores', 'cores'],
		['descritpoin', 'description'],
	])('%s is meant for %s', (name, known) => {
		expect(nearest(name, ['other', known, 'memory'])).toBe(known);
	});

	it.each([
		['a short word with a slip', 'cpi', 'cpu'],
		['a word of five letters with two', 'cxoes', 'cores'],
		['two letters that only look swapped', 'crxes', 'cores'],
		['three slips', 'dexcrxptxon', 'description'],
	])('%s is not: %s', (_what, name, known) => {
		expect(nearest(name, [known])).toBeUndefined();
	});

	it('comes from the words of other tools first', () => {
		expect(nearest('RAM', ['rng', 'memory'], { ram: 'memory' })).toBe('memory');
		expect(nearest('vlan_id', ['vlan', 'tag'], { vlanid: 'tag' })).toBe('tag');
	});

	it('is none if a word of other tools has several meanings', () => {
		expect(nearest('slot', ['slots'], { slot: '' })).toBeUndefined();
	});

	it('is not a word of other tools that is not known here', () => {
		expect(nearest('uefi', ['seabios'], { uefi: 'ovmf' })).toBeUndefined();
	});

	it('is not looked for if the name is long, or nothing is known', () => {
		const dashes = (count: number): string => '-'.repeat(count) + 'ram';
		expect(nearest(dashes(MANY - 3), ['memory'], { ram: 'memory' })).toBe('memory');
		expect(nearest(dashes(MANY - 2), ['memory'], { ram: 'memory' })).toBeUndefined();
		expect(nearest('cores', [])).toBeUndefined();
	});
});
