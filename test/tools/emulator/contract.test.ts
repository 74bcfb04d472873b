/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
	createContainerEndpoint,
	createEndpoint,
	endpoints,
	findEndpoint,
	subOptionsOf,
} from '../../../tools/emulator/contract/facts';
import type { EndpointFacts, SubOptionFacts } from '../../../tools/emulator/contract/facts';
import { familySlots } from '../../../tools/emulator/contract/families';
import { endpoints as handlers } from '../../../tools/emulator/endpoints';
import { findFormat } from '../../../tools/emulator/contract/formats';
import {
	parsePropertyString,
	printPropertyString,
} from '../../../tools/emulator/contract/propertyString';
import { validateRequest } from '../../../tools/emulator/contract/validate';

interface ValidationLine {
	param: string;
	form: Record<string, string>;
	ok: boolean;
	errors: Record<string, string>;
}

const readVerdicts = (file: string): ValidationLine[] =>
	readFileSync(join(__dirname, '../../../tools/facts', file), 'utf8')
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => JSON.parse(line) as ValidationLine);

const lines = readVerdicts('validation.jsonl');

const parameters = [...new Set(lines.map(({ param }) => param))];

/** Proxmox orders the lines of one text at random; those of two errors it joins by a backslash and an n. */
function sortLines(errors: Record<string, string>): Record<string, string[]> {
	const byName = Object.entries(errors).sort(([one], [other]) => (one < other ? -1 : 1));
	return Object.fromEntries(byName.map(([name, text]) => [name, text.split(/\n|\\n/).sort()]));
}

function errorsOf(raw: Record<string, unknown>): Record<string, string> {
	return validateRequest(createEndpoint, { node: 'pve1', vmid: '100', ...raw }).errors;
}

describe("the verdicts of Proxmox's own validator", () => {
	test('there are 3,975 of them', () => {
		expect(lines).toHaveLength(3975);
	});

	test.each(parameters)("the emulator agrees about '%s'", (parameter) => {
		const ofParameter = lines.filter(({ param }) => param === parameter);
		const expected = ofParameter.map(({ form, ok, errors }) => ({
			form,
			ok,
			errors: sortLines(errors),
		}));
		const actual = ofParameter.map(({ form }) => {
			const { errors } = validateRequest(createEndpoint, form);
			return { form, ok: Object.keys(errors).length === 0, errors: sortLines(errors) };
		});
		expect(actual).toEqual(expected);
	});
});

describe("the verdicts of Proxmox's validator on containers", () => {
	const ofContainers = readVerdicts('validation-lxc.jsonl');

	test('there are 1,447 of them', () => {
		expect(ofContainers).toHaveLength(1447);
	});

	test('the emulator agrees with all', () => {
		const differing = ofContainers.flatMap(({ form, errors: expected }) => {
			const { errors } = validateRequest(createContainerEndpoint, form);
			const same = JSON.stringify(sortLines(errors)) === JSON.stringify(sortLines(expected));
			return same ? [] : [{ form, expected, errors }];
		});
		expect(differing).toEqual([]);
	});
});

describe('the facts', () => {
	const ofEndpoint = ({ parameters: all }: EndpointFacts): SubOptionFacts[] =>
		Object.values(all).flatMap((parameter) => [
			parameter,
			...Object.values(parameter.subOptions ?? {}),
		]);

	/** What the emulator answers; the rest it refuses before it looks at a parameter. */
	const isAnswered = ({ method, path }: EndpointFacts) =>
		handlers.some((handler) => handler.method === method && handler.path === path);
	const answered = endpoints.filter(isAnswered);

	test('name no format that the emulator does not know', () => {
		const formats = answered
			.flatMap(ofEndpoint)
			.flatMap(({ format, formatKind }) =>
				format !== undefined && formatKind === 'code' ? [format] : [],
			);
		expect([...new Set(formats)].filter((format) => !findFormat(format))).toEqual([]);
	});

	test('name no family whose slots the emulator does not know', () => {
		const families = answered
			.flatMap(({ parameters: all }) => Object.keys(all))
			.flatMap((name) => (name.endsWith('[n]') ? [name.slice(0, -'[n]'.length)] : []));
		expect([...new Set(families)].sort()).toEqual(Object.keys(familySlots).sort());
	});

	test('are found by method and path template', () => {
		expect(findEndpoint('POST', '/nodes/{node}/qemu')).toBe(createEndpoint);
		expect(findEndpoint('GET', '/version')?.parameters).toEqual({});
		expect(findEndpoint('PATCH', '/version')).toBeUndefined();
	});
});

describe('a JSON body', () => {
	test.each([
		['true for a boolean', { onboot: true }, {}],
		['a number for a text', { name: 1 }, {}],
		['a whole number written as a decimal', { vmid: 100.0 }, {}],
		['null for what may lack', { name: null }, {}],
		[
			'null for what may not lack',
			{ vmid: null },
			{ vmid: 'property is missing and it is not optional' },
		],
		['an array for a list', { tags: ['b', 'a'] }, {}],
		['an array for a text', { name: ['a'] }, { name: "type check ('string') failed - got ARRAY" }],
		[
			'an object for a property string',
			{ net0: {} },
			{ net0: "type check ('string') failed - got HASH" },
		],
		[
			'true for an integer',
			{ cores: true },
			{ cores: "type check ('integer') failed - got JSON::PP::Boolean" },
		],
		[
			'a decimal for an integer',
			{ cores: 1.5 },
			{ cores: "type check ('integer') failed - got '1.5'" },
		],
	])('with %s', (_title, raw, errors) => {
		expect(errorsOf(raw)).toEqual(errors);
	});

	test('reaches the handler as a form would', () => {
		const raw = {
			node: 'pve1',
			vmid: 100,
			onboot: true,
			cores: '2',
			cpulimit: 1.5,
			tags: ['b', 'a'],
			name: null,
		};
		expect(validateRequest(createEndpoint, raw).values).toEqual({
			node: 'pve1',
			vmid: 100,
			onboot: 1,
			cores: 2,
			cpulimit: '1.5',
			tags: 'b,a',
			name: null,
		});
	});
});

describe('property strings', () => {
	const net = subOptionsOf('net[n]');
	const disk = subOptionsOf('scsi[n]');

	test.each([
		['a default key', 'virtio,bridge=vmbr0', { model: 'virtio', bridge: 'vmbr0' }],
		['a key alias', 'virtio=BC:24:11:00:00:01', { model: 'virtio', macaddr: 'BC:24:11:00:00:01' }],
		[
			'every spelling of true',
			'virtio,firewall=on,link_down=YES',
			{ model: 'virtio', firewall: 1, link_down: 1 },
		],
	])('with %s are read', (_title, text, values) => {
		expect(parsePropertyString(net, text).values).toEqual(values);
	});

	test('with an alias are read', () => {
		expect(parsePropertyString(disk, 'volume=local:1,bps_rd_length=3').values).toEqual({
			file: 'local:1',
			bps_rd_max_length: '3',
		});
	});

	test.each([
		[
			net,
			{ tag: 20, model: 'virtio', macaddr: 'BC:24:11:00:00:01' },
			'virtio=BC:24:11:00:00:01,tag=20',
		],
		[net, { bridge: 'vmbr0', model: 'e1000' }, 'e1000,bridge=vmbr0'],
		[
			disk,
			{ ssd: 1, file: 'local:100/a.raw', size: 34359738368 },
			'local:100/a.raw,size=32G,ssd=1',
		],
		[disk, { file: 'local:100/a.raw', size: 528 * 1024 }, 'local:100/a.raw,size=528K'],
	])('are printed as Proxmox stores them', (schema, values, text) => {
		expect(printPropertyString(schema, values)).toBe(text);
	});

	test('survive being read and printed', () => {
		const texts = lines.flatMap(({ param, form, ok }) => {
			const subOptions = createEndpoint.parameters[param.replace(/\d+$/, '[n]')]?.subOptions;
			const text = form[param];
			return ok && subOptions && text !== undefined ? [{ subOptions, text }] : [];
		});
		expect(texts.length).toBeGreaterThan(500);
		for (const { subOptions, text } of texts) {
			const { values = {} } = parsePropertyString(subOptions, text);
			expect(
				parsePropertyString(subOptions, printPropertyString(subOptions, values)).values,
			).toEqual(values);
		}
	});
});
