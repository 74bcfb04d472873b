import { accessEndpoints } from './access';
import { backupEndpoints } from './backup';
import { capabilityEndpoints } from './capabilities';
import { clusterEndpoints } from './cluster';
import { guestEndpoints } from './guest';
import { haEndpoints } from './ha';
import { notificationEndpoints } from './notifications';
import { indexEndpoints } from './indexes';
import { lifecycleEndpoints } from './lifecycle';
import { lxcEndpoints } from './lxc';
import { lxcConfigEndpoints } from './lxcConfig';
import { lxcCopyEndpoints } from './lxcCopy';
import { lxcMigrateEndpoints } from './lxcMigrate';
import { migrateEndpoints } from './migrate';
import { nodeEndpoints } from './nodes';
import { poolEndpoints } from './pools';
import { pruneBackupsEndpoints } from './pruneBackups';
import { qemuEndpoints } from './qemu';
import { qemuConfigEndpoints } from './qemuConfig';
import { qemuCopyEndpoints } from './qemuCopy';
import { snapshotEndpoints } from './snapshots';
import { downloadEndpoints } from './download';
import { storageEndpoints } from './storage';
import { storageConfigEndpoints } from './storageConfig';
import { taskEndpoints } from './tasks';
import { templateEndpoints } from './templates';
import { uploadEndpoints } from './upload';
import type { Endpoint } from './types';

/** Everything the emulator does; what the facts have besides is refused with 501. */
export const endpoints: Endpoint[] = [
	...accessEndpoints,
	...backupEndpoints,
	...capabilityEndpoints,
	...clusterEndpoints,
	...guestEndpoints,
	...haEndpoints,
	...notificationEndpoints,
	...indexEndpoints,
	...lifecycleEndpoints,
	...lxcEndpoints,
	...lxcConfigEndpoints,
	...lxcCopyEndpoints,
	...lxcMigrateEndpoints,
	...migrateEndpoints,
	...nodeEndpoints,
	...poolEndpoints,
	...pruneBackupsEndpoints,
	...qemuEndpoints,
	...qemuConfigEndpoints,
	...qemuCopyEndpoints,
	...snapshotEndpoints,
	...downloadEndpoints,
	...storageEndpoints,
	...storageConfigEndpoints,
	...taskEndpoints,
	...templateEndpoints,
	...uploadEndpoints,
];
