import type { ParameterFacts, SubOptionFacts } from '../../tools/emulator/contract/facts';
import { expected, type Release } from './expected';

const quoted = (value: string): string => `'${value.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
const key = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : quoted(name));

function literal(value: unknown): string {
	return typeof value === 'string' ? quoted(value) : String(value);
}

/** The line that a table lacks for a parameter or sub-option: `mtu: integer({ label: …, min: 1, max: 65520 }),`. */
export function suggestLine(
	name: string,
	facts: ParameterFacts | SubOptionFacts,
	releases: readonly Release[],
): string {
	return `${key(name)}: ${suggestField(name, facts, releases)},`;
}

function suggestField(
	name: string,
	facts: ParameterFacts | SubOptionFacts,
	releases: readonly Release[],
): string {
	const { slots, ...item } = 'slots' in facts ? facts : { ...facts, slots: undefined };
	if (slots)
		return `family({ label: …, help: …, count: …, item: ${suggestField(name, item, releases)} })`;
	const { kind, ...told } = expected(facts, releases);
	const parts = ['label: …', 'help: …'];
	for (const [property, value] of Object.entries(told))
		if (value !== undefined) parts.push(`${property}: ${literal(value)}`);
	if (facts.enum)
		parts.push(`options: { ${facts.enum.map((value) => `${key(value)}: …`).join(', ')} }`);
	if ('subOptions' in facts && facts.subOptions) {
		const subs = Object.entries(facts.subOptions).filter(([, sub]) => !sub.alias);
		parts.push(
			`fields: { ${subs.map(([sub, subFacts]) => suggestLine(sub, subFacts, releases)).join(' ')} }`,
		);
	}
	return `${kind}({ ${parts.join(', ')} })`;
}
