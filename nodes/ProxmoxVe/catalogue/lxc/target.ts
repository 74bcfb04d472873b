import { group, integer, text } from '../fields';

/** Where the container is made, and under which ID: what every request must have. */
export const target = group({
	name: 'target',
	label: 'Target',
	fields: {
		node: text({
			label: 'Node',
			help: 'The cluster node to run the operation on',
			required: true,
			format: 'pve-node',
			picker: 'searchNodes',
			placeholder: 'pve1',
		}),
		vmid: integer({
			label: 'CT ID',
			help: 'The ID of the container, unique in the cluster',
			required: true,
			min: 100,
			max: 999999999,
		}),
	},
});
