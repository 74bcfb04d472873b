import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { StoredCredentials } from '../../../tools/harness/createCredentialsHelper';
import { inPanel, onPve1, type Lab } from '../../support/lab';
import type { PrivilegeCase } from './cases';

/**
 * Runs a case's step on one item.
 * @param more parameters that win over those of the case, such as what its `arrange` gave
 * @param options added to those of the case
 */
export const runCase = async (
	lab: Lab,
	{ parameters }: PrivilegeCase,
	more: IDataObject,
	{
		options = {},
		credentials = lab.credentials,
	}: { readonly options?: IDataObject; readonly credentials?: StoredCredentials } = {},
) =>
	await lab.engine.runNode({
		items: [{}],
		inputBinary: [{ data: { data: 'YQ==', mimeType: 'text/plain' } }],
		parameters: inPanel({
			...onPve1,
			...parameters,
			...more,
			options: { maxPollInterval: 0.1, ...(parameters.options as IDataObject), ...options },
		} as INodeParameters),
		credentials,
	});
