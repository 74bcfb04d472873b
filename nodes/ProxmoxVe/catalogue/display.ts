import { choice, device, flag, group, integer } from './fields';

const vga = device({
	label: 'Graphics Card',
	help: 'The graphics card of the VM, or a serial terminal in its place',
	defaultKey: 'type',
	primary: ['type'],
	fields: {
		type: choice({
			label: 'Graphics Card',
			help: 'What the console shows. SPICE cards bring the SPICE console with them; a serial terminal needs that serial port.',
			options: {
				std: 'Standard VGA',
				virtio: 'VirtIO-GPU',
				'virtio-gl': 'VirtIO-GPU with OpenGL (VirGL)',
				qxl: 'SPICE',
				qxl2: 'SPICE, 2 Monitors',
				qxl3: 'SPICE, 3 Monitors',
				qxl4: 'SPICE, 4 Monitors',
				vmware: 'VMware Compatible',
				cirrus: 'Cirrus (Obsolete)',
				serial0: 'Serial Terminal 0',
				serial1: 'Serial Terminal 1',
				serial2: 'Serial Terminal 2',
				serial3: 'Serial Terminal 3',
				none: 'None',
			},
			default: 'std',
		}),
		memory: integer({
			label: 'Graphics Memory (MiB)',
			help: 'More lets the guest use higher resolutions. Without meaning for serial terminals.',
			min: 4,
			max: 512,
			initial: 16,
		}),
		clipboard: choice({
			label: 'Clipboard',
			help: 'Shares the clipboard through the VNC console, in place of SPICE. The guest needs the SPICE agent.',
			since: '8.4',
			options: { vnc: 'VNC' },
		}),
	},
});

const spice = device({
	label: 'SPICE Enhancements',
	help: 'Extras of the SPICE console',
	rootOnly: true,
	fields: {
		foldersharing: flag({
			label: 'SPICE Folder Sharing',
			help: 'Whether a folder of the viewer can be shared with the guest, which needs a WebDAV service',
			default: false,
		}),
		videostreaming: choice({
			label: 'SPICE Video Streaming',
			help: 'Which fast-changing areas are sent as compressed video: none, all, or those that look like one',
			options: { off: 'Off', all: 'All', filter: 'Filter' },
			default: 'off',
		}),
	},
});

const audio = device({
	label: 'Audio Device',
	help: 'A sound card',
	primary: ['device'],
	fields: {
		device: choice({
			label: 'Audio Device',
			help: 'The sound card that the guest sees',
			required: true,
			options: { 'ich9-intel-hda': 'Intel HDA (ICH9)', 'intel-hda': 'Intel HDA (ICH6)', AC97: 'AC97' },
		}),
		driver: choice({
			label: 'Audio Backend',
			help: 'Where the sound goes: to the SPICE console, or nowhere',
			options: { spice: 'SPICE', none: 'None' },
			default: 'spice',
		}),
	},
});

export const display = group({
	name: 'display',
	label: 'Display and Input',
	fields: {
		vga,
		keyboard: choice({
			label: 'Keyboard Layout',
			help: 'The layout of the VNC console. Seldom needed: the guest has a layout of its own.',
			options: {
				'en-us': 'English (US)',
				'en-gb': 'English (UK)',
				da: 'Danish',
				nl: 'Dutch',
				fi: 'Finnish',
				fr: 'French',
				'fr-be': 'French (Belgium)',
				'fr-ca': 'French (Canada)',
				'fr-ch': 'French (Switzerland)',
				de: 'German',
				'de-ch': 'German (Switzerland)',
				hu: 'Hungarian',
				is: 'Icelandic',
				it: 'Italian',
				ja: 'Japanese',
				lt: 'Lithuanian',
				mk: 'Macedonian',
				no: 'Norwegian',
				pl: 'Polish',
				pt: 'Portuguese',
				'pt-br': 'Portuguese (Brazil)',
				sl: 'Slovenian',
				es: 'Spanish',
				sv: 'Swedish',
				tr: 'Turkish',
			},
		}),
		tablet: flag({
			label: 'Tablet Pointer',
			help: 'Whether the mouse is a USB tablet, so that the pointer keeps in step with that of the console',
			default: true,
		}),
		spice_enhancements: spice,
		audio0: audio,
	},
});
