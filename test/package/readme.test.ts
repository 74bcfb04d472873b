/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { createContainerEndpoint, createEndpoint } from '../../tools/emulator/contract/facts';
import { emptyVm, openLab, type Lab } from '../support/lab';

const root = join(__dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const picked = (value: string) => ({ __rl: true, mode: 'list', value });

describe('the README', () => {
	it('links only to existing files', () => {
		const linked = [...readme.matchAll(/(?:\]\(|src(?:set)?=")(?!https?:|#)([^)#"]+)/g)].map(
			([, path = '']) => path,
		);
		expect(linked.filter((path) => !existsSync(join(root, path)))).toEqual([]);
	});

	it('counts the parameters of the API', () => {
		const [vm, container] = [createEndpoint, createContainerEndpoint].map(
			({ parameters }) => Object.keys(parameters).length,
		);
		expect(readme).toContain(
			`**all ${vm} parameters** of \`POST /nodes/{node}/qemu\` and **all ${container}** of`,
		);
	});

	it('installs the file that npm pack makes', () => {
		const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
			name: string;
			version: string;
		};
		expect(readme).toContain(`./${name}-${version}.tgz`);
	});

	it('names only commands of package.json', () => {
		const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
			scripts: Record<string, string>;
		};
		const named = [
			...readme.matchAll(/(?:^|`|&& |\d )npm (?:run (?:--silent )?)?([a-z0-9:]+)/gm),
		].map(([, command = '']) => command);
		const others = ['ci', 'install', 'pack'];
		expect(named.filter((command) => !(command in scripts) && !others.includes(command))).toEqual(
			[],
		);
	});

	describe('gives a role that is enough', () => {
		const privileges =
			/pveum role add N8nProvisioner --privs "([^"]+)"/.exec(readme)?.[1]?.split(' ') ?? [];
		const tokenId = 'readme@pve!workflows';
		const secret = '33333333-3333-4333-8333-333333333333';
		let lab: Lab;
		beforeAll(async () => {
			lab = await openLab();
			const { users, roles, acl } = lab.emulator.state;
			users.set('readme@pve', {
				userid: 'readme@pve',
				enabled: true,
				expire: 0,
				groups: [],
				tokens: new Map([['workflows', { privsep: false, expire: 0, secret }]]),
			});
			roles.set('N8nProvisioner', new Set(privileges));
			acl.push({
				path: '/',
				type: 'user',
				ugid: 'readme@pve',
				roleid: 'N8nProvisioner',
				propagate: true,
			});
		});
		afterAll(async () => await lab.close());

		const run = async (parameters: object) =>
			await lab.engine.runNode({
				parameters: {
					...emptyVm,
					node: picked('pve1'),
					options: { maxPollInterval: 0.1 },
					...parameters,
				},
				credentials: {
					proxmoxVeApi: { ...lab.credentials.proxmoxVeApi, tokenId, tokenSecret: secret },
				},
			});

		it.each([
			[
				'a VM with everything that a token may set, started',
				{
					diskList: {
						values: [
							{ source: 'new', storage: picked('local'), size: 1, options: { bus: 'scsi' } },
							{
								source: 'import',
								storage: picked('local'),
								image: picked('local:import/cloud.qcow2'),
								options: { bus: 'virtio' },
							},
							{ source: 'iso', iso: picked('local:iso/tiny.iso'), options: { bus: 'ide' } },
							{ source: 'cloudInit', storage: picked('local'), options: { bus: 'ide' } },
						],
					},
					netList: { values: [{ model: 'virtio', bridge: picked('vmbr0'), options: {} }] },
					start: true,
					general: {
						pool: picked('dev'),
						tags: 'web',
						onboot: true,
						description: 'x',
						agent_enabled: true,
					},
					cores: 1,
					memory_current: 64,
					processor: { cpu_cputype: picked('host') },
					cloudInit: { ciuser: 'admin' },
					ipconfigList: { values: [{ ip: 'dhcp', gw: '', options: {} }] },
					firmware: { bios: 'seabios', machine_type: picked('q35') },
					serialList: { values: [{ value: 'socket', options: {} }] },
				},
			],
			[
				'a restore',
				{
					operation: 'restore',
					archive: picked('local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst'),
					restore: { unique: true },
				},
			],
		])('for %s', async (_what, parameters) => {
			const { error } = await run(parameters);
			expect(error?.message).toBeUndefined();
		});

		it('and fills the lists', async () => {
			for (const method of [
				'searchNodes',
				'searchImageStorages',
				'searchIsoImages',
				'searchBackups',
				'searchBridges',
				'searchPools',
				'searchImportImages',
				'searchVirtualMachines',
			]) {
				const { results } = await lab.engine.listSearch(method, {
					parameters: { node: picked('pve1') },
					credentials: {
						proxmoxVeApi: { ...lab.credentials.proxmoxVeApi, tokenId, tokenSecret: secret },
					},
				});
				expect({ method, some: results.length > 0 }).toEqual({ method, some: true });
			}
		});

		it('but not for what needs more', async () => {
			expect((await run({ general: { startup: 'order=1' } })).error?.message).toContain(
				'Sys.Modify',
			);
		});
	});
});
