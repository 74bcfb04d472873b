import type { Volume } from '../state/types';

/** Systems that are set up in a container, by how the names of their templates begin. */
const SYSTEMS: Readonly<Record<string, string>> = {
	almalinux: 'centos',
	alpine: 'alpine',
	archlinux: 'archlinux',
	centos: 'centos',
	debian: 'debian',
	devuan: 'devuan',
	fedora: 'fedora',
	gentoo: 'gentoo',
	nixos: 'nixos',
	openeuler: 'centos',
	opensuse: 'opensuse',
	rockylinux: 'centos',
	ubuntu: 'ubuntu',
};

/** The system that is in a template; `unmanaged` for one that is not known. */
export function systemOf({ volid }: Pick<Volume, 'volid'>): string {
	const file = volid.split('/').at(-1) ?? '';
	return SYSTEMS[/^[a-z]+/.exec(file)?.[0] ?? ''] ?? 'unmanaged';
}
