import { qemu } from '../../nodes/ProxmoxVe/catalogue/qemu';
import { synonyms } from '../../nodes/ProxmoxVe/catalogue/qemu/synonyms';
import { nearest } from '../../nodes/ProxmoxVe/wire/nearest';

const known = Object.keys(qemu.parameters);

describe('words of other tools', () => {
	it.each(Object.entries(synonyms).filter(([, name]) => name !== ''))(
		'%s means a parameter: %s',
		(_word, name) => {
			expect(known.map((one) => one.replace(/\d+$/, '[n]'))).toContain(name.replace(/\d+$/, '[n]'));
		},
	);

	// Terraform (bpg, Telmate), Ansible, and people.
	it.each([
		['node_name', 'node'],
		['pool_id', 'pool'],
		['num_cpus', 'cores'],
		['ram', 'memory'],
		['memory_size', 'memory'],
		['datastore_id', 'scsi[n]'],
		['operating_system', 'ostype'],
		['qemu_os', 'ostype'],
		['on_boot', 'onboot'],
		['network_device', 'net[n]'],
		['vlan_id', 'net[n]'],
		['disk_size', 'scsi[n]'],
		['kvm_arguments', 'args'],
		['user_data', 'cicustom'],
		['uefi', 'bios'],
		['target_node', 'node'],
	])('%s is suggested as %s', (word, name) => {
		expect(nearest(word, known, synonyms)).toBe(name);
	});
});
