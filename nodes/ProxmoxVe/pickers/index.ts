import type { PickerName } from '../catalogue/fields';
import { searchDirectoryMappings, searchPciMappings, searchUsbMappings } from './mappings';
import { searchBackedUpVms } from './searchBackedUpVms';
import { searchBackups } from './searchBackups';
import { searchBackupStorages } from './searchBackupStorages';
import { searchBridges } from './searchBridges';
import { searchCpuTypes } from './searchCpuTypes';
import { searchDisks } from './searchDisks';
import { searchImageStorages } from './searchImageStorages';
import { searchImportImages } from './searchImportImages';
import { searchIsoImages } from './searchIsoImages';
import { searchMachines } from './searchMachines';
import { searchNodes } from './searchNodes';
import { searchPools } from './searchPools';
import { searchSnapshots } from './searchSnapshots';
import { searchSnippets } from './searchSnippets';
import { searchVirtualMachines } from './searchVirtualMachines';

/** The live lists of the editor, by the names that the catalogue has for them. */
export const pickers = {
	searchBackedUpVms,
	searchBackups,
	searchBackupStorages,
	searchBridges,
	searchCpuTypes,
	searchDirectoryMappings,
	searchDisks,
	searchImageStorages,
	searchImportImages,
	searchIsoImages,
	searchMachines,
	searchNodes,
	searchPciMappings,
	searchPools,
	searchSnapshots,
	searchSnippets,
	searchUsbMappings,
	searchVirtualMachines,
} satisfies Record<PickerName, unknown>;
