import type { INodeParameters, NodeApiError } from 'n8n-workflow';

import type { pickers } from '../../nodes/ProxmoxVe/pickers';
import type { StoredCredentials } from '../../tools/harness/createCredentialsHelper';
import { openLab, type Lab } from '../support/lab';

// n8n shows an error in place of a list: its message, without hyphens, and below it the description.

let lab: Lab;
beforeEach(async () => {
	lab = await openLab({ http: false });
});
afterEach(async () => await lab.close());

const node = { __rl: true, mode: 'list', value: 'pve1' };
const errorOf = async (
	method: keyof typeof pickers,
	{
		credentials = lab.credentials,
		parameters = { node },
	}: { credentials?: StoredCredentials; parameters?: INodeParameters } = {},
): Promise<NodeApiError> =>
	await lab.engine.listSearch(method, { parameters, credentials }).then(
		({ results }) => {
			throw new Error(`it has ${results.length} entries`);
		},
		(error: NodeApiError) => error,
	);
/** A token without any privilege. */
function powerless(): StoredCredentials {
	lab.emulator.state.acl.splice(0);
	const tokenId = 'creator@pve!tk';
	const tokenSecret = lab.emulator.tokens[tokenId] ?? '';
	return { proxmoxVeApi: { ...lab.credentials.proxmoxVeApi, tokenId, tokenSecret } };
}

describe('a list without entries', () => {
	it.each([
		['searchBackupStorages', 'Datastore.Audit or Datastore.AllocateSpace on /storage/NAME'],
		['searchImageStorages', 'Datastore.Audit or Datastore.AllocateSpace on /storage/NAME'],
		['searchIsoImages', 'Datastore.Audit or Datastore.AllocateSpace on /storage/NAME'],
		['searchImportImages', 'Datastore.Audit or Datastore.AllocateSpace on /storage/NAME'],
		['searchFileStorages', 'Datastore.Audit or Datastore.AllocateSpace on /storage/NAME'],
		['searchImages', 'Datastore.Audit or Datastore.AllocateSpace on /storage/NAME'],
		['searchSnippets', 'Datastore.Allocate on /storage/NAME'],
		[
			'searchBackups',
			'Datastore.AllocateSpace on /storage/NAME together with VM.Backup on /vms/ID',
		],
		[
			'searchBackedUpVms',
			'Datastore.AllocateSpace on /storage/NAME together with VM.Backup on /vms/ID',
		],
		[
			'searchBridges',
			'SDN.Use on /sdn/zones/localnetwork/BRIDGE, or on /sdn/zones/ZONE/VNET for a virtual network',
		],
		['searchPools', 'Pool.Audit on /pool/NAME'],
		['searchPciMappings', 'Mapping.Use on /mapping/pci/ID'],
		['searchUsbMappings', 'Mapping.Use on /mapping/usb/ID'],
		['searchDirectoryMappings', 'Mapping.Use on /mapping/dir/ID'],
		['searchVirtualMachines', 'VM.Audit on /vms/ID'],
	] as const)('%s names the privilege', async (method, privilege) => {
		const { message, description } = await errorOf(method, { credentials: powerless() });
		expect({ message, description }).toEqual({
			message: 'No entries, or no permission to see them',
			description: `An entry needs ${privilege}. A token with Privilege Separation needs its own: the privileges of its user are not enough.`,
		});
	});

	it.each([
		['searchPools', 'dev', 'Pool.Audit', '/pool/dev'],
		['searchImageStorages', 'local', 'Datastore.Audit', '/storage/local'],
		['searchIsoImages', 'local:iso/tiny.iso', 'Datastore.Audit', '/storage/local'],
		[
			'searchSnippets',
			'local:snippets/hook.sh',
			'Datastore.Audit Datastore.Allocate',
			'/storage/local',
		],
		['searchBridges', 'vmbr0', 'SDN.Use', '/sdn/zones/localnetwork/vmbr0'],
		['searchPciMappings', 'gpu', 'Mapping.Use', '/mapping/pci/gpu'],
		['searchVirtualMachines', 100, 'VM.Audit', '/vms/100'],
	] as const)('%s has entries with that privilege', async (method, entry, privileges, path) => {
		const credentials = powerless();
		const { state } = lab.emulator;
		state.roles.set('Test', new Set(privileges.split(' ')));
		state.acl.push({ path, type: 'user', ugid: 'creator@pve', roleid: 'Test', propagate: true });
		const { results } = await lab.engine.listSearch(method, { parameters: { node }, credentials });
		expect(results.map(({ value }) => value)).toContain(entry);
	});

	it('does not mention tokens to a user with a password', async () => {
		powerless();
		const account = { username: 'n8n@pve', password: lab.emulator.passwords['n8n@pve'] ?? '' };
		const { description } = await errorOf('searchPools', {
			parameters: { authentication: 'password' },
			credentials: {
				proxmoxVePasswordApi: { ...lab.credentials.proxmoxVePasswordApi, ...account },
			},
		});
		expect(description).toBe('An entry needs Pool.Audit on /pool/NAME.');
	});

	it('has no OVA, which contains several disks', async () => {
		const { volumes } = lab.emulator.state;
		const ova = 'local:import/appliance.ova';
		const images = [...volumes.values()].filter(({ content }) => content === 'import');
		for (const image of images) {
			volumes.delete(image.volid);
			volumes.set(ova, { ...image, volid: ova });
		}
		const { message } = await errorOf('searchImportImages');
		expect(message).toBe(
			'There are only OVA files, which contain whole VMs: use the operation Import. Or enter a disk in one by its ID: STORAGE:import/NAME.ova/DISK.vmdk',
		);
	});
});

describe('a list that cannot be read', () => {
	it('because the token is wrong names the next step, and n8n offers to open the credential', async () => {
		const proxmoxVeApi = {
			...lab.credentials.proxmoxVeApi,
			tokenSecret: '99999999-9999-4999-8999-999999999999',
		};
		const error = await errorOf('searchNodes', { credentials: { proxmoxVeApi } });
		expect(error.message).toMatch(/^Proxmox VE answered 401: /);
		expect(error.description).toBe('Check the credential: it may be wrong, expired or disabled.');
		expect(error.httpCode).toBe('401');
	});
	it('because the certificate is not trusted names the next step', async () => {
		const proxmoxVeApi = { ...lab.credentials.proxmoxVeApi, ca: '' };
		const error = await errorOf('searchNodes', { credentials: { proxmoxVeApi } });
		expect(error.message).toMatch(/^The certificate of the Proxmox VE host is not trusted: /);
		expect(error.description).toMatch(/^Paste the CA of the cluster/);
	});
	it('because a privilege is missing names it and its path', async () => {
		const backupStorage = { __rl: true, mode: 'list', value: 'local' };
		const error = await errorOf('searchBackups', {
			credentials: powerless(),
			parameters: { operation: 'restore', node, backupStorage },
		});
		expect(error.description).toMatch(
			/^Grant Datastore\.Audit or Datastore\.AllocateSpace on \/storage\/local under Datacenter → Permissions\. A token with Privilege/,
		);
		expect(error.httpCode).toBe('403');
	});
	it('because the VM is hidden names the privilege', async () => {
		const vm = { __rl: true, mode: 'list', value: '100' };
		const { message, description } = await errorOf('searchDisks', {
			credentials: powerless(),
			parameters: { operation: 'resizeDisk', vm },
		});
		expect(message).toBe('There is no VM 100, or no permission to see it');
		expect(description).toMatch(
			/^To see it, the privilege VM\.Audit on \/vms\/100 is needed\. A token/,
		);
	});
});

describe('a list that depends on another field', () => {
	const ofNode = async (parameters: INodeParameters) =>
		(await errorOf('searchImageStorages', { parameters })).message;
	const field = (value: unknown) => ({ __rl: true, mode: 'list', value }) as INodeParameters;

	// The editor sends the value of an expression, and null or nothing where it has none yet.
	it.each([
		{ operation: 'restore', node: field('={{ $json.node }}') },
		{ operation: 'create', options: { node: field('={{ $json.node }}') } },
		{ operation: 'create', options: { node: field(null) } },
		{ operation: 'create', options: { node: field(undefined) } },
		{ operation: 'start', vm: field('={{ $json.vm }}') },
	])('says that the field is an expression without a value: %j', async (parameters) => {
		expect(await ofNode(parameters)).toMatch(
			/^(?:Node|Options → Node|Virtual Machine) is an expression that has no value in the editor yet, and this list depends on it\. Execute the previous nodes/,
		);
	});
	it('says that the field is empty', async () => {
		expect(await ofNode({ operation: 'restore', node: field('') })).toBe(
			'Select the Node or Virtual Machine first: this list depends on it',
		);
	});
	it('says that a VM must be given by its ID', async () => {
		const { message } = await errorOf('searchDisks', {
			parameters: { operation: 'resizeDisk', vm: { __rl: true, mode: 'id', value: 'existing' } },
		});
		expect(message).toMatch(/^Select the Virtual Machine from the list or by its ID/);
	});
});
