import { family, group, text } from './fields';

export const ports = group({
	name: 'ports',
	label: 'Serial and Parallel Ports',
	fields: {
		'serial[n]': family({
			label: 'Serial Port',
			help: 'Serial ports of the VM',
			count: 4,
			item: text({
				label: 'Serial Port',
				help: 'A terminal that Proxmox offers (socket), or a device of the host, which only root@pam may pass',
				pattern: '(/dev/[^,]+|socket)',
				placeholder: 'socket',
			}),
		}),
		'parallel[n]': family({
			label: 'Parallel Port',
			help: 'Parallel ports of the host',
			rootOnly: true,
			count: 3,
			item: text({
				label: 'Parallel Port',
				help: 'A device of the host, plugged in or on USB',
				pattern: '/dev/parport\\d+|/dev/usb/lp\\d+',
				placeholder: '/dev/parport0',
			}),
		}),
	},
});
