import { qemu } from '../../nodes/ProxmoxVe/catalogue/qemu';
import { encodeBody } from '../../nodes/ProxmoxVe/wire/encodeBody';
import { readParameters } from '../../nodes/ProxmoxVe/wire/readParameters';
import { refusalsOf } from './properties/emulatorReading';

const target = { node: 'pve1', vmid: '5000' };

/** What the node finds wrong, as `parameter` or `parameter.subOption`. */
const problemsOf = (raw: Record<string, unknown>): string[] =>
	readParameters(qemu, { ...target, ...raw }).problems.map(({ parameter, sub }) =>
		sub === undefined ? parameter : `${parameter}.${sub}`,
	);

const bodyOf = (raw: Record<string, unknown>): Record<string, string> =>
	encodeBody(qemu, readParameters(qemu, raw).parameters);

/** JSON.parse, unlike a literal, makes `__proto__` a property like any other. */
const parse = (text: string): Record<string, unknown> =>
	JSON.parse(text) as Record<string, unknown>;

describe('what random requests found the node to accept, and Proxmox to refuse', () => {
	it.each<[string, Record<string, unknown>, string[]]>([
		['a range of CPUs that runs backwards', { affinity: '3-1' }, ['affinity']],
		['an empty item between CPUs', { affinity: '0,,2' }, ['affinity']],
		['a host name 0 for an address', { nameserver: '192.0.2.1 0' }, ['nameserver']],
		['a start order that is a bare 0', { startup: 0 }, ['startup']],
		['three digits of address bits', { cpu: 'host,phys-bits=008' }, ['cpu.phys-bits']],
		['a number too large to be one', { migrate_downtime: '1e400' }, ['migrate_downtime']],
		['a line feed in an option of a device', { boot: { order: '\n' } }, ['boot.order']],
		['a line feed in a bare value', { scsi0: '/dev/s\ndb' }, ['scsi0.file']],
	])('%s', (_title, raw, problems) => {
		expect(problemsOf(raw)).toEqual(problems);
	});
});

describe('what random requests found the node to refuse, and Proxmox to accept', () => {
	it.each([
		['sizes with their unit in full', { scsi0: 'local:1,size=32GiB' }],
		['blanks and commas around CPUs', { affinity: ' 0, 2-3,,' }],
		['empty items in a start order', { startup: 'order=1,,up=30' }],
		['a carriage return in the name of a volume', { scsi0: 'local:a\rb' }],
	])('%s', (_title, raw) => {
		expect({ node: problemsOf(raw), validator: [...refusalsOf({ ...target, ...raw })] }).toEqual({
			node: [],
			validator: [],
		});
	});
});

describe('what random requests found the node to stumble over, or to pass over in silence', () => {
	it.each<[string, Record<string, unknown>, string[]]>([
		[
			'options named as what every object has',
			parse('{"net0":{"model":"virtio","constructor":1,"__proto__":2}}'),
			['net0.constructor', 'net0.__proto__'],
		],
		['the same in a property string', { net0: 'virtio,toString=1' }, ['net0.toString']],
		['the same beside aliases', { scsi0: { file: 'local:1', toString: '1' } }, ['scsi0.toString']],
		[
			'parameters named as what every object has',
			parse('{"__proto__":"1","constructor":"1"}'),
			['__proto__', 'constructor'],
		],
		[
			'a card model named as what every object has',
			{ net0: 'toString=BC:24:11:00:00:01' },
			['net0.toString', 'net0.model'],
		],
		[
			'an option under its name and under an alias',
			{ scsi0: { file: 'local:1', volume: 'local:2' } },
			['scsi0.file'],
		],
		['half of a surrogate pair in a key', { sshkeys: 'ssh-ed25519 \ud800' }, ['sshkeys']],
	])('%s', (_title, raw, problems) => {
		expect(problemsOf(raw)).toEqual(problems);
	});

	it('names what a parameter needs also if the parameter itself is wrong', () => {
		expect(problemsOf({ force: 'perhaps' })).toEqual(['force', 'archive']);
		expect(problemsOf({ ipconfig0: 'gw=nowhere' })).toEqual(['ipconfig0.gw', 'ipconfig0.ip']);
	});

	it('does not say that something is needed which is there, and wrong', () => {
		expect(problemsOf({ force: 1, archive: 'a'.repeat(256) })).toEqual(['archive']);
		expect(problemsOf({ net0: { model: 'virtual' } })).toEqual(['net0.model']);
	});

	it('takes an alias of an option', () => {
		expect(bodyOf({ scsi0: { volume: 'local:1' } })).toEqual({ scsi0: 'local:1' });
	});
});

describe("what random requests found the emulator's validator to take for a parameter", () => {
	it.each(['net[n]', '__proto__', 'constructor'])('%s', (name) => {
		expect([
			...refusalsOf(Object.fromEntries([...Object.entries(target), [name, '1']])).keys(),
		]).toEqual([name]);
	});
});
