import { readinessProblems, readReadiness } from '../../form/readReadiness';
import { startVm } from '../../guests/changePower';
import { idOf, locateVm } from '../../guests/locateGuest';
import { waitForGuest } from '../../guests/waitForGuest';
import { emit, type Execute } from '../../runtime/operation';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/start`, and as waitForGuest says. */
export const execute: Execute = async (item) => {
	const { run, form } = item;
	const vmid = form.guestId('vm', 'Virtual Machine');
	const waiting = form.waiting();
	const readiness = readReadiness(form);
	form.problems.push(...readinessProblems(readiness, waiting.wait));
	form.check();
	const place = await locateVm(item, vmid);
	const started = await startVm(item, place, { waiting });
	const signal = run.context.getExecutionCancelSignal();
	const { report, warnings } = await waitForGuest(run.client, place, readiness, signal);
	return emit({
		...idOf(place),
		...started,
		...(warnings.length > 0 ? { status: 'warnings' } : {}),
		warnings: [...started.warnings, ...warnings],
		...report,
	});
};
