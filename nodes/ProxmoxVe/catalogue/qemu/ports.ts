import { family, group, text } from '../fields';

export const ports = group({
	name: 'ports',
	label: 'Serial and Parallel Ports',
	help: 'Serial console, ports of the host',
	fields: {
		'serial[n]': family({
			label: 'Serial Port',
			help: 'Serial ports, for example for a serial terminal',
			count: 4,
			item: text({
				label: 'Serial Port',
				help: 'socket for a terminal that Proxmox provides, or a device of the host, which only root@pam may use',
				pattern: '(/dev/[^,]+|socket)',
				placeholder: 'socket',
				initial: 'socket',
			}),
		}),
		'parallel[n]': family({
			label: 'Parallel Port',
			help: 'Parallel ports of the host to pass through',
			rootOnly: true,
			count: 3,
			item: text({
				label: 'Parallel Port',
				help: 'The parallel port of the host',
				pattern: '/dev/parport\\d+|/dev/usb/lp\\d+',
				placeholder: '/dev/parport0',
			}),
		}),
	},
});
