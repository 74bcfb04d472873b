/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { userFolder } from './environment';
import {
	BinaryDataService,
	ExternalSecretsProxy,
	InstanceSettings,
	PollTriggerExecutor,
} from 'n8n-core';
import { LoggerProxy, type Logger } from 'n8n-workflow';
import { captureLogs } from './capturedLogs';

export {
	ExecuteContext,
	ExecutionLifecycleHooks,
	getAdditionalKeys,
	HookContext,
	loadOutputSchema,
	LoadOptionsContext,
	PackageDirectoryLoader,
	PollContext,
	resolveOutputSchemaPath,
	RoutingNode,
	WebhookContext,
	WorkflowExecute,
} from 'n8n-core';

type Constructor<T> = abstract new (...args: never[]) => T;

interface Container {
	get<T>(type: Constructor<T>): T;
}

// Other versions of these packages may be hoisted next to n8n-core: only its own share its container.
const requireFromCore = createRequire(require.resolve('n8n-core'));
const { Container }: { Container: Container } = requireFromCore('@n8n/di');
const { Logger }: { Logger: Constructor<Logger> } = requireFromCore('@n8n/backend-common');
const { configureGlobalAxiosDefaults }: { configureGlobalAxiosDefaults: () => void } =
	requireFromCore('@n8n/backend-network');

configureGlobalAxiosDefaults();

const logger = Container.get(Logger);
captureLogs(logger);
LoggerProxy.init(logger);

// Reads (and on the way writes) the settings file; nothing needs the folder after that.
Container.get(InstanceSettings);
rmSync(userFolder, { recursive: true, force: true });

/** n8n's store of external secrets: empty, yet expressions need it to be there. */
export const externalSecretsProxy = Container.get(ExternalSecretsProxy);

/** What n8n runs at each tick of a polling trigger's schedule. */
export const pollTriggerExecutor = Container.get(PollTriggerExecutor);

/** n8n's store of binary data: without a manager, for it keeps them in memory. */
export const binaryDataService = Container.get(BinaryDataService);
