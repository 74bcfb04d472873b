import type { Search } from './list';

/** A list whose file is loaded when the editor opens it first. */
const lazily = (load: () => Promise<Search>): Search =>
	async function (filter, paginationToken) {
		return await (await load()).call(this, filter, paginationToken);
	};

/** The live lists of the editor, by the names that fields have for them. */
export const pickers = {
	searchBackedUpVms: lazily(async () => (await import('./searchBackedUpVms')).searchBackedUpVms),
	searchBackupStorages: lazily(
		async () => (await import('./searchBackupStorages')).searchBackupStorages,
	),
	searchBackups: lazily(async () => (await import('./searchBackups')).searchBackups),
	searchBridges: lazily(async () => (await import('./searchBridges')).searchBridges),
	searchContainerStorages: lazily(
		async () => (await import('./searchContainerStorages')).searchContainerStorages,
	),
	searchCpuTypes: lazily(async () => (await import('./searchCpuTypes')).searchCpuTypes),
	searchDirectoryMappings: lazily(async () => (await import('./mappings')).searchDirectoryMappings),
	searchDisks: lazily(async () => (await import('./searchDisks')).searchDisks),
	searchFileStorages: lazily(async () => (await import('./searchFileStorages')).searchFileStorages),
	searchImages: lazily(async () => (await import('./searchImages')).searchImages),
	searchImageStorages: lazily(
		async () => (await import('./searchImageStorages')).searchImageStorages,
	),
	searchImportImages: lazily(async () => (await import('./searchImportImages')).searchImportImages),
	searchImports: lazily(async () => (await import('./searchImports')).searchImports),
	searchImportStorages: lazily(
		async () => (await import('./searchImportStorages')).searchImportStorages,
	),
	searchIsoImages: lazily(async () => (await import('./searchIsoImages')).searchIsoImages),
	searchIsoStorages: lazily(async () => (await import('./searchIsoStorages')).searchIsoStorages),
	searchMachines: lazily(async () => (await import('./searchMachines')).searchMachines),
	searchNodes: lazily(async () => (await import('./searchNodes')).searchNodes),
	searchPciMappings: lazily(async () => (await import('./mappings')).searchPciMappings),
	searchPools: lazily(async () => (await import('./searchPools')).searchPools),
	searchSnapshots: lazily(async () => (await import('./searchSnapshots')).searchSnapshots),
	searchSnippets: lazily(async () => (await import('./searchSnippets')).searchSnippets),
	searchStorages: lazily(async () => (await import('./searchStorages')).searchStorages),
	searchTemplates: lazily(async () => (await import('./searchTemplates')).searchTemplates),
	searchUnusedDisks: lazily(async () => (await import('./searchUnusedDisks')).searchUnusedDisks),
	searchUsbMappings: lazily(async () => (await import('./mappings')).searchUsbMappings),
	searchVirtualMachines: lazily(
		async () => (await import('./searchVirtualMachines')).searchVirtualMachines,
	),
};
