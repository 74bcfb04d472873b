import type { PickerName } from '../catalogue/fields';
import { searchDirectoryMappings, searchPciMappings, searchUsbMappings } from './mappings';
import { searchBackups } from './searchBackups';
import { searchBridges } from './searchBridges';
import { searchDisks } from './searchDisks';
import { searchImageStorages } from './searchImageStorages';
import { searchImportImages } from './searchImportImages';
import { searchIsoImages } from './searchIsoImages';
import { searchNodes } from './searchNodes';
import { searchPools } from './searchPools';
import { searchSnapshots } from './searchSnapshots';
import { searchSnippets } from './searchSnippets';
import { searchVirtualMachines } from './searchVirtualMachines';

/** The live lists of the editor, by the names that the catalogue has for them. */
export const pickers = {
	searchBackups,
	searchBridges,
	searchDirectoryMappings,
	searchDisks,
	searchImageStorages,
	searchImportImages,
	searchIsoImages,
	searchNodes,
	searchPciMappings,
	searchPools,
	searchSnapshots,
	searchSnippets,
	searchUsbMappings,
	searchVirtualMachines,
} satisfies Record<PickerName, unknown>;
