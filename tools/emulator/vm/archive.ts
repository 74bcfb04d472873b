import { failure, unsupported } from '../errors';
import type { Volume } from '../state/types';
import { activate, pathOf, volumeAt } from '../storage/storages';
import { checkVolumeAccess } from '../storage/volumeAccess';
import { parseVolumeId } from '../storage/volumeId';
import type { World } from '../world';
import { printConfig } from './config';

/** A backup that is there to be restored. */
export interface Archive {
	volume: Volume;
	/** Where the file lies. */
	path: string;
	/** Known to a storage by its volume ID: its configuration can be looked at before. */
	isVolume: boolean;
}

/** Finds the backup named in a request, or throws why it cannot be used. */
export function classifyArchive(
	world: World,
	{ authId, vmid, archive }: { authId: string; vmid: number; archive: string },
): Archive {
	const { state } = world;
	checkVolumeAccess({ state, authId, vmid, volume: archive, type: 'backup' });
	const id = parseVolumeId(archive);
	if (!id) {
		const volume = volumeAt(state, archive);
		if (!volume) throw failure(`can't find file '${archive}'`);
		return { volume, path: archive, isVolume: false };
	}
	if (activate(state, id.storage).type === 'pbs')
		throw unsupported('a restore from a Proxmox Backup Server');
	const volume = state.volumes.get(archive);
	if (!volume) throw failure(`volume '${archive}' does not exist`);
	return { volume, path: pathOf(state, volume), isVolume: true };
}

const DECOMPRESSORS: Readonly<Record<string, string>> = {
	gz: 'zcat',
	lzo: 'lzop -d -c',
	zst: 'zstd -q -d -c',
	bz2: 'bzcat',
};

/** What unpacks the archive's outer layer, if it has one. */
export function decompressorOf(path: string): string | undefined {
	return DECOMPRESSORS[path.split('.').pop() ?? ''];
}

/** Why the configuration within an archive cannot be read; undefined where it can. */
export function configProblem({
	volume,
	path,
}: Pick<Archive, 'volume' | 'path'>): string | undefined {
	switch (volume.damage) {
		case 'no config':
			return 'ERROR: archive contains no configuration file';
		case 'garbage': {
			const tool = decompressorOf(path)?.split(' ', 1)[0];
			const words =
				tool === undefined ? 'vma: read error' : `${tool}: ${path}: unsupported format `;
			return `Failed to extract config from VMA archive: ${words}\n`;
		}
		default:
			return undefined;
	}
}

/** The configuration file within an archive, with the map of its drives. */
export function archivedConfigText({ backup }: Volume): string {
	if (!backup) return '';
	const map = Object.entries(backup.drives).map(
		([key, { storage, format }]) => `#qmdump#map:${key}:drive-${key}:${storage}:${format}:\n`,
	);
	return printConfig(backup.config) + map.join('');
}
