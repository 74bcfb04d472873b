/**
 * Compares the API of a running Proxmox VE with tools/facts/api-facts.json:
 * `PVE_URL=https://pve.example.com:8006 npx gulp schema`. The difference is the work to do for a new release.
 */
const { readFileSync } = require('node:fs');
const { Agent } = require('node:https');
const axios = require('axios');

/** Facts that are compared, for parameters and sub-options alike. */
const COMPARED = ['type', 'minimum', 'maximum', 'maxLength', 'enum', 'pattern'];

/** The description of the API, which every Proxmox host serves with its manual. */
async function fetchApiDescription(url, { ca, insecure }) {
	const { data } = await axios.get(new URL('/pve-docs/api-viewer/apidoc.js', url).href, {
		responseType: 'text',
		transformResponse: (text) => text,
		httpsAgent: new Agent({ ca, rejectUnauthorized: !insecure }),
	});
	return readApiDescription(data);
}

/** The description out of the script that holds it. */
function readApiDescription(script) {
	const json = /^(?:const|var) \w+ = (\[[\s\S]*?^\])\s*;?\s*$/m.exec(script)?.[1];
	if (!json) throw new Error('That host serves no description of its API that could be read');
	return JSON.parse(json);
}

/** The parameters of `POST /nodes/{node}/qemu` in a description. */
function createParameters(description) {
	const find = (nodes) => {
		for (const node of nodes) {
			if (node.path === '/nodes/{node}/qemu') return node.info.POST.parameters.properties;
			const found = node.children && find(node.children);
			if (found) return found;
		}
		return undefined;
	};
	const parameters = find(description);
	if (!parameters) throw new Error('That description has no POST /nodes/{node}/qemu');
	return parameters;
}

function differencesOf(name, known, told) {
	if (!known)
		return [`new: ${name} (${told.type ?? 'alias'}): ${told.description?.split('\n')[0] ?? ''}`];
	if (!told) return [`gone: ${name}`];
	return COMPARED.filter((fact) => told[fact] !== undefined || known[fact] !== undefined)
		.filter((fact) => JSON.stringify(known[fact]) !== JSON.stringify(told[fact]))
		.map(
			(fact) =>
				`changed: ${name}: ${fact} was ${JSON.stringify(known[fact])}, is ${JSON.stringify(told[fact])}`,
		);
}

/** Every difference between the facts and a description, in one line each. */
function compareSchema(facts, description) {
	const known = facts.create.parameters;
	const told = createParameters(description);
	return [...new Set([...Object.keys(known), ...Object.keys(told)])].flatMap((name) => {
		const own = differencesOf(name, known[name], told[name]);
		const { subOptions } = known[name] ?? {};
		const format = told[name]?.format;
		if (!subOptions || typeof format !== 'object') return own;
		// Aliases are other names for what is compared already.
		const subs = [...new Set([...Object.keys(subOptions), ...Object.keys(format)])].filter(
			(sub) => !subOptions[sub]?.alias && !format[sub]?.alias,
		);
		return [
			...own,
			...subs.flatMap((sub) => differencesOf(`${name}: ${sub}`, subOptions[sub], format[sub])),
		];
	});
}

/** Prints the differences between the facts and the host that PVE_URL names. */
async function printSchemaDifferences(facts = `${__dirname}/../tools/facts/api-facts.json`) {
	const { PVE_URL: url, PVE_CA, PVE_INSECURE } = process.env;
	if (!url) throw new Error('Set PVE_URL (and PVE_CA, the file of its CA, or PVE_INSECURE=1)');
	const description = await fetchApiDescription(url, {
		ca: PVE_CA && readFileSync(PVE_CA),
		insecure: PVE_INSECURE === '1',
	});
	const differences = compareSchema(JSON.parse(readFileSync(facts, 'utf8')), description);
	process.stdout.write(`${differences.join('\n')}\n${differences.length} differences\n`);
}

module.exports = { compareSchema, readApiDescription, printSchemaDifferences };
