import type { ClusterState } from './types';

/** A registry as a state file has it: the tags of its repositories, and the configuration of their images. */
export interface RegistryFile {
	address: string;
	repositories: Record<string, string[]>;
	images: Record<
		string,
		{
			Entrypoint?: string[];
			Cmd?: string[];
			Env?: string[];
			Volumes?: string[];
			User?: string;
			WorkingDir?: string;
			StopSignal?: string;
		}
	>;
}

/** The images of a registry by what they are pulled by; the system in them is that of the recordings. */
export function loadRegistry(file: RegistryFile | undefined): ClusterState['registry'] {
	const registry: ClusterState['registry'] = new Map();
	for (const [repository, tags] of Object.entries(file?.repositories ?? {})) {
		const image = file?.images[repository] ?? {};
		for (const tag of tags)
			registry.set(`${file?.address}/${repository}:${tag}`, {
				ostype: 'debian',
				entrypoint: image.Entrypoint,
				cmd: image.Cmd,
				env: image.Env,
				volumes: image.Volumes,
				user: image.User,
				workingDir: image.WorkingDir,
				stopSignal: image.StopSignal,
			});
	}
	return registry;
}
