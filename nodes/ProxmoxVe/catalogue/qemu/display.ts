import { choice, device, flag, group, integer } from '../fields';

const vga = device({
	label: 'Graphics Card',
	help: 'The virtual graphics card, or a serial terminal instead',
	defaultKey: 'type',
	primary: ['type'],
	fields: {
		type: choice({
			label: 'Graphics Card',
			help: 'A terminal needs that serial port',
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
			min: 4,
			max: 512,
			initial: 16,
		}),
		clipboard: choice({
			label: 'Clipboard',
			help: 'Needs the SPICE agent in the guest',
			since: '8.4',
			options: { vnc: 'VNC' },
		}),
	},
});

const spice = device({
	label: 'SPICE Enhancements',
	rootOnly: true,
	fields: {
		foldersharing: flag({
			label: 'SPICE Folder Sharing',
			help: 'Whether the viewer can share a folder',
			default: false,
		}),
		videostreaming: choice({
			label: 'SPICE Video Streaming',
			options: { off: 'Off', all: 'All', filter: 'Filter' },
			default: 'off',
		}),
	},
});

const audio = device({
	label: 'Audio Device',
	primary: ['device'],
	fields: {
		device: choice({
			label: 'Audio Device',
			required: true,
			options: {
				'ich9-intel-hda': 'Intel HDA (ICH9)',
				'intel-hda': 'Intel HDA (ICH6)',
				AC97: 'AC97',
			},
		}),
		driver: choice({
			label: 'Audio Backend',
			options: { spice: 'SPICE', none: 'None' },
			default: 'spice',
		}),
	},
});

export const display = group({
	name: 'display',
	label: 'Display and Input',
	help: 'Graphics card, SPICE, keyboard, audio',
	fields: {
		vga,
		keyboard: choice({
			label: 'Keyboard Layout',
			help: 'For VNC. Rarely needed.',
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
			default: true,
		}),
		spice_enhancements: spice,
		audio0: audio,
	},
});
