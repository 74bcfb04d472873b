import type { IDataObject, IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';

import { clusterUrls } from '../../../credentials/clusterUrl';
import { ProxmoxVeApi } from '../../../credentials/ProxmoxVeApi.credentials';
import { ProxmoxVeTicketApi } from '../../../credentials/ProxmoxVeTicketApi.credentials';
import { segment, type CredentialName } from './client';
import { parseUpid } from './upid';

const SIGNERS = { proxmoxVeApi: new ProxmoxVeApi(), proxmoxVeTicketApi: new ProxmoxVeTicketApi() };

/**
 * Stops a task after its execution was cancelled. n8n breaks off every request that it signs itself
 * once an execution is cancelled, so this one is signed here.
 * Source: `DELETE /nodes/{node}/tasks/{upid}`.
 */
export async function stopTask(context: IExecuteFunctions, credential: CredentialName, upid: string): Promise<void> {
	const request = await signedStop(context, credential, upid);
	await context.helpers.httpRequest(request).catch((error: unknown) => {
		context.logger.warn(`The task could not be stopped: ${error instanceof Error ? error.message : String(error)}`, { upid });
	});
}

async function signedStop(context: IExecuteFunctions, credential: CredentialName, upid: string): Promise<IHttpRequestOptions> {
	const data = await context.getCredentials<IDataObject & { url: string }>(credential);
	const [host = ''] = clusterUrls(data.url);
	return await SIGNERS[credential].authenticate(data as Parameters<ProxmoxVeApi['authenticate']>[0], {
		method: 'DELETE',
		baseURL: `${host}/api2/json`,
		url: `/nodes/${segment(parseUpid(upid)?.node ?? '')}/tasks/${segment(upid)}`,
		disableFollowRedirect: true,
	});
}
