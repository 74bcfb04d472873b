import type { Options } from '../../form/readOptions';
import type { Run } from '../../runtime/run';
import type { KeyedVms } from './keyedVms';
import type { VmIdSource } from './submit';

/** The IDs that the user allows for a new VM. A fixed one is replaced by another only if that was chosen. */
export function idSource(
	run: Run,
	{ vmid, options }: { readonly vmid?: number; readonly options: Options },
	keyed?: KeyedVms,
): VmIdSource {
	if (keyed) return keyed.ids;
	const free = run.vmIds(options.idRange);
	if (vmid === undefined) return free;
	let isTaken = false;
	const hasOthers = options.ifExists === 'useAnotherId';
	return {
		hasOthers,
		next: async () => (!isTaken ? vmid : hasOthers ? await free.next() : undefined),
		wasTaken(taken) {
			isTaken ||= taken === vmid;
			free.wasTaken(taken);
		},
		wasFreed: (freed) => free.wasFreed(freed),
	};
}
