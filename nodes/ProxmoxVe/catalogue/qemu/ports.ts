import { family, group, text } from '../fields';

export const ports = group({
	name: 'ports',
	label: 'Serial and Parallel Ports',
	help: 'Serial console, ports of the host',
	fields: {
		'serial[n]': family({
			label: 'Serial Port',
			count: 4,
			item: text({
				label: 'Serial Port',
				help: 'socket, or a device of the host (only root@pam)',
				pattern: '(/dev/[^,]+|socket)',
				placeholder: 'socket',
				initial: 'socket',
			}),
		}),
		'parallel[n]': family({
			label: 'Parallel Port',
			rootOnly: true,
			count: 3,
			item: text({
				label: 'Parallel Port',
				pattern: '/dev/parport\\d+|/dev/usb/lp\\d+',
				placeholder: '/dev/parport0',
			}),
		}),
	},
});
