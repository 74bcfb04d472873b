import type { IDataObject } from 'n8n-workflow';

/** Reads a path of the API, such as `/nodes`. */
export type ReadApi = (path: string) => Promise<IDataObject[]>;
/** Asks a person to choose one of several. */
export type AskFor = (what: string, choices: readonly string[]) => Promise<string>;

/** Where the example creates its VM. */
export interface Target {
	node: string;
	/** For the disk. */
	storage: string;
	/** For the cloud image. */
	imageStorage: string;
	bridge: string;
}

/**
 * Finds out where to create a VM on a cluster. Takes what the environment names (PVE_NODE, PVE_STORAGE, PVE_IMAGE_STORAGE,
 * PVE_BRIDGE) and what there is only one of, and asks for the rest.
 * @param ask how to ask; undefined if no person can answer
 * @throws Error that lists the choices, if there are several and no person can answer, or none
 * Source: `GET /nodes`, `GET /nodes/{node}/storage`, `GET /nodes/{node}/network`.
 */
export async function chooseTarget(
	read: ReadApi,
	environment: Readonly<Record<string, string | undefined>>,
	ask?: AskFor,
): Promise<Target> {
	async function choose(
		what: string,
		variable: string,
		rows: IDataObject[],
		key: string,
		ifNone: string,
	): Promise<string> {
		const choices = rows.map((row) => String(row[key])).sort();
		const given = environment[variable];
		if (given && choices.includes(given)) return given;
		const list = choices.join(', ');
		if (choices.length === 0) throw new Error(`No ${what} was found. ${ifNone}`);
		if (given)
			throw new Error(`${variable}: there is no ${what} "${given}". Choose one of: ${list}`);
		const [only, second] = choices;
		if (only !== undefined && second === undefined) return only;
		if (ask) return await ask(what, choices);
		throw new Error(`There are several choices for ${what}. Set ${variable} to one of: ${list}`);
	}

	const online = (await read('/nodes')).filter(({ status }) => status === 'online');
	const node = await choose(
		'node',
		'PVE_NODE',
		online,
		'node',
		'The token needs Sys.Audit on /nodes.',
	);
	const storages = (await read(`/nodes/${node}/storage?enabled=1`)).filter(
		({ active }) => active === 1,
	);
	const holding = (content: string) =>
		storages.filter((storage) => String(storage.content).split(',').includes(content));
	const storage = await choose(
		'storage for VM disks',
		'PVE_STORAGE',
		holding('images'),
		'storage',
		`A storage of node ${node} must allow the content Disk image, and the token needs Datastore.AllocateSpace on it.`,
	);
	const imageStorage = await choose(
		'storage for the cloud image',
		'PVE_IMAGE_STORAGE',
		holding('import'),
		'storage',
		`In Proxmox VE, allow the content Import on a storage of node ${node}: Datacenter → Storage → Edit.`,
	);
	const bridge = await choose(
		'bridge',
		'PVE_BRIDGE',
		await read(`/nodes/${node}/network?type=any_bridge`),
		'iface',
		'The token needs SDN.Use on /sdn/zones.',
	);
	return { node, storage, imageStorage, bridge };
}
