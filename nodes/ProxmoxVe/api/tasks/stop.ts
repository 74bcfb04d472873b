import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { clusterUrls } from '../../../../credentials/clusterUrl';
import { ProxmoxVeApi } from '../../../../credentials/ProxmoxVeApi.credentials';
import { ProxmoxVePasswordApi } from '../../../../credentials/ProxmoxVePasswordApi.credentials';
import type { CredentialName } from '../client';
import { taskPath } from '../upid';

const SIGNERS = {
	proxmoxVeApi: new ProxmoxVeApi(),
	proxmoxVePasswordApi: new ProxmoxVePasswordApi(),
};

/** Proxmox waits some seconds for the task's process to end before it answers. */
const STOP_TIMEOUT_MS = 30_000;

/**
 * Stops a task after its execution was cancelled. n8n breaks off every request that it signs itself
 * once an execution is cancelled, so this one is signed here. A host of the cluster that cannot be
 * reached is passed over: stopping twice does no harm.
 * Source: `DELETE /nodes/{node}/tasks/{upid}`.
 */
export async function stopTask(
	context: IExecuteFunctions,
	credential: CredentialName,
	upid: string,
): Promise<void> {
	const data = await context.getCredentials<IDataObject & { url: string }>(credential);
	let failure: unknown;
	for (const host of clusterUrls(data.url)) {
		const request = await SIGNERS[credential].authenticate(
			data as Parameters<ProxmoxVeApi['authenticate']>[0],
			{
				method: 'DELETE',
				baseURL: `${host}/api2/json`,
				url: taskPath(upid),
				timeout: STOP_TIMEOUT_MS,
			},
		);
		try {
			await context.helpers.httpRequest(request);
			return;
		} catch (error) {
			failure = error;
		}
	}
	context.logger.warn(
		`The task could not be stopped: ${failure instanceof Error ? failure.message : String(failure)}`,
		{ upid },
	);
}
