import type { Profile } from '../catalogue';
import type { ValuesOf } from '../fields';
import type { parameters } from './parameters';

/**
 * Profiles by the value of the editor's choice.
 * Source: what Proxmox's own wizard sets (pve-manager, www/manager6/lxc/CreateWizard.js).
 */
export const profiles = {
	standard: {
		label: 'Standard Container',
		help: 'Unprivileged, with nesting, which recent systemd needs',
		parameters: { unprivileged: true, features: { nesting: true } },
	},
} as const satisfies Record<string, Profile<ValuesOf<typeof parameters>>>;
