import type { Exchange } from './records';
import type { Session } from './session';

/** Groups in which each exchange stands by itself: what it made was taken away again before the next one. */
const standsAlone =
	/^(family-|vmid-node-name$|sshkeys$|json-vs-form$|permissions$|combos$|storage$)/;

/** Groups of one server that go on where the one before them ended. */
const goesOn = /^cluster-/;

/** Whether what a group made is there for the next one. */
export function isKeptForNext({ group }: Exchange): boolean {
	return goesOn.test(group);
}

/** Whether the VMs of a group are taken away after each exchange, not only at the group's end. */
export function isCleanedAfterEach({ group }: Exchange): boolean {
	return standsAlone.test(group);
}

/** Takes away all VMs that are not in `kept`, as far as the API lets it: one that is locked stays, as it did then. */
export async function cleanUp(session: Session, kept: ReadonlySet<number>): Promise<void> {
	const { vms } = session.emulator.state;
	const made = [...vms.values()].filter(({ vmid }) => !kept.has(vmid));
	if (made.length === 0) return;
	await session.waitForTasks();
	for (const { vmid, node, status, type } of made) {
		const path = `/nodes/${node}/${type}/${vmid}`;
		if (status === 'running') await session.sendAsRoot('POST', `${path}/status/stop`);
		await session.waitForTasks();
		// A guest that high availability looks after goes only with what is known of it elsewhere.
		await session.sendAsRoot('DELETE', `${path}?purge=1`);
		await session.waitForTasks();
	}
}
