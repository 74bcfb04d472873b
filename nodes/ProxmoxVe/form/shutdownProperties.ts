import type { INodeProperties } from 'n8n-workflow';

import { shutdownFields } from '../catalogue/qemu/actions';
import { plainProperties, standingProperty } from './describeField';
import { optionsProperty, waitOptions, waitProperty } from './sharedProperties';

/** The option that says how long a guest may take: Timeout is how long to wait for the task. */
export const SHUTDOWN_TIMEOUT = 'shutdownTimeout';

export const forceStopProperty: INodeProperties = standingProperty(
	'forceStop',
	shutdownFields.forceStop,
	false,
);

/** How to wait for a guest that shuts down, and for the task in which it does. */
export const shutdownWaitProperties: readonly INodeProperties[] = [
	waitProperty,
	optionsProperty([
		...waitOptions,
		...plainProperties([[SHUTDOWN_TIMEOUT, shutdownFields.timeout]]),
	]),
];
