import type { Mapping } from './types';

/** Why a mapped device cannot be used: those of the starting state are not in this machine. Directories are. */
export function mappingProblem({ id, type, map }: Mapping): string | undefined {
	const device = /(?:^|,)id=([^,]*)/.exec(map[0] ?? '')?.[1] ?? '';
	switch (type) {
		case 'usb':
			return `usb device '${device}' not found`;
		case 'pci':
			return `'id' does not match for '${id}' (1af4:1045 != ${device})`;
		case 'dir':
			return undefined;
	}
}
