import { readinessProblems, readReadiness } from '../../form/readReadiness';
import { powerRequest, readStart, startVm } from '../../guests/changePower';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import { waitForGuest } from '../../guests/waitForGuest';
import type { Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/start`, and as waitForGuest says. */
export const execute: Execute = async (item) => {
	const { run, form } = item;
	const guest = form.guest();
	const waiting = form.waiting();
	const isPreview = form.previewing();
	const readiness = readReadiness(form);
	form.problems.push(...readinessProblems(readiness));
	form.check();
	const place = await locateVm(item, guest);
	if (isPreview) {
		const { isNeeded, isRunning } = await readStart(item, place);
		return await emitPreview(item, isNeeded ? [powerRequest(place, 'start')] : [], {
			alreadyRunning: isRunning,
		});
	}
	const started = await startVm(item, place, { waiting });
	const signal = run.context.getExecutionCancelSignal();
	const { report, warnings } = await waitForGuest(run.client, place, readiness, signal);
	return await emitGuest(item, place, {
		...started,
		...(warnings.length > 0 ? { taskStatus: 'warnings' } : {}),
		warnings: [...started.warnings, ...warnings],
		...report,
	});
};
