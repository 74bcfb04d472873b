import { choice, text } from '../../catalogue/fields';

export const requestFields = {
	method: choice({
		label: 'Method',
		options: { GET: 'GET', POST: 'POST', PUT: 'PUT', DELETE: 'DELETE' },
		guards: true,
	}),
	specifyParameters: choice({
		label: 'Specify Parameters',
		options: { fields: 'Using Fields', json: 'Using JSON' },
	}),
};

export const pathField = text({
	label: 'Path',
	help: 'A path of the Proxmox VE API, as in its API viewer',
	required: true,
	placeholder: '/nodes/pve1/status',
});
