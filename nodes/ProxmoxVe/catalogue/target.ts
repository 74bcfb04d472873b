import { group, integer, text } from './fields';

/** Where the VM is made, and under which ID: what every request must have. */
export const target = group({
	name: 'target',
	label: 'Target',
	fields: {
		node: text({
			label: 'Node',
			help: 'The member of the cluster on which the VM is made',
			required: true,
			format: 'pve-node',
			picker: 'searchNodes',
			placeholder: 'pve1',
		}),
		vmid: integer({
			label: 'VM ID',
			help: 'The number of the VM. No other VM or container of the cluster may have it.',
			required: true,
			min: 100,
			max: 999999999,
		}),
	},
});
