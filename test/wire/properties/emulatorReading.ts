import { vms } from './kinds';
import type { SubOptionFacts, SubOptions } from '../../../tools/emulator/contract/facts';
import { findParameter } from '../../../tools/emulator/contract/families';
import { parsePropertyString } from '../../../tools/emulator/contract/propertyString';
import { validateRequest } from '../../../tools/emulator/contract/validate';
import type { Form } from './requests';

/** What the emulator's validator says of a request, by parameter; `''` for the empty name. Empty where it is right. */
export function refusalsOf(form: Form, { endpoint } = vms): Map<string, string> {
	const { errors } = validateRequest(endpoint, form);
	return new Map(
		Object.entries(errors).map(([name, text]) => [name === '_root' ? '' : name, text]),
	);
}

/** What a refusal of a property string says of each sub-option: `mtu: value must …` of `net0.mtu: value must …`. */
export function refusalsOfSubs(parameter: string, text: string): string[] {
	if (!text.startsWith('invalid format - format error\n')) return [];
	return text.split(`\n${parameter}.`).slice(1);
}

/** A number is the same however it is written, and so is percent-encoded text. */
function normalised(
	{ type, format }: SubOptionFacts,
	value: string | number,
	isTop: boolean,
): string | number {
	if (type === 'integer' || type === 'number') return Number(value) + 0;
	if (isTop && format === 'urlencoded') return decodeURIComponent(String(value)).trim();
	// Blanks around a name are no part of it.
	return isTop && typeof value === 'string' ? value.trim() : value;
}

function readProperties(schema: SubOptions, text: string): Record<string, string | number> {
	const { values = {} } = parsePropertyString(schema, text);
	return Object.fromEntries(
		Object.entries(values).map(([sub, value]) => [
			sub,
			normalised(schema[sub] ?? {}, value, false),
		]),
	);
}

/** What the emulator reads out of a request that it accepts: values by parameter, those of devices by sub-option. */
export function emulatorReading(form: Form, { endpoint } = vms): Record<string, unknown> {
	const { values } = validateRequest(endpoint, form);
	return Object.fromEntries(
		Object.entries(form).map(([name, text]) => {
			const facts = findParameter(endpoint, name) ?? {};
			if ('subOptions' in facts && facts.subOptions)
				return [name, readProperties(facts.subOptions, text)];
			const value = values[name];
			// Separators of any kind stand between the same servers and domains.
			if (['nameserver', 'searchdomain'].includes(name))
				return [
					name,
					String(value)
						.split(/[,;\s]+/)
						.filter((item) => item !== '')
						.join(' '),
				];
			return [
				name,
				typeof value === 'string' || typeof value === 'number'
					? normalised(facts, value, true)
					: value,
			];
		}),
	);
}
