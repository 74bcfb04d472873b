import type { PickerName } from '../catalogue/fields';
import { searchDirectoryMappings, searchPciMappings, searchUsbMappings } from './mappings';
import { searchBackups } from './searchBackups';
import { searchBridges } from './searchBridges';
import { searchImageStorages } from './searchImageStorages';
import { searchImportImages } from './searchImportImages';
import { searchIsoImages } from './searchIsoImages';
import { searchNodes } from './searchNodes';
import { searchPools } from './searchPools';
import { searchSnippets } from './searchSnippets';
import { searchVirtualMachines } from './searchVirtualMachines';

/** The live lists of the editor, by the names that the catalogue has for them. */
export const pickers = {
	searchBackups,
	searchBridges,
	searchDirectoryMappings,
	searchImageStorages,
	searchImportImages,
	searchIsoImages,
	searchNodes,
	searchPciMappings,
	searchPools,
	searchSnippets,
	searchUsbMappings,
	searchVirtualMachines,
} satisfies Record<PickerName, unknown>;
