import type { INodeParameters } from 'n8n-workflow';

import type { FaultCase, Stage } from '../faultCase';
import { all, fixed, forever, longTask, onCreate, onRead, phrase } from '../ingredients';

const phase = 'Run again';
const again = { phase, vms: 1, status: 'success', upid: 'kept' } as const;
const keyed = (more: INodeParameters = {}): INodeParameters => ({
	options: { maxPollInterval: 1, idempotencyKey: 'delivery-1', ifExists: 'return', ...more },
});

/** One execution after the other; the last one counts. */
const twice = async ({ run }: Stage) => {
	await run();
	return await run();
};

export const runAgain: readonly FaultCase[] = [
	{
		...again,
		fault: 'A webhook is delivered twice: Return Existing VM',
		containers: 'deep',
		parameters: keyed(),
		act: twice,
		posts: 1,
	},
	{
		...again,
		fault: 'A webhook is delivered twice: Fail',
		parameters: keyed({ ifExists: 'fail' }),
		act: twice,
		posts: 1,
		status: 'error',
	},
	{
		...again,
		fault: 'A webhook is delivered twice: Use Another Free ID',
		containers: 'deep',
		parameters: keyed({ ifExists: 'useAnotherId' }),
		act: twice,
		posts: 1,
		status: 'error',
	},
	{
		...again,
		fault: 'A webhook is delivered twice at the same time',
		containers: true,
		parameters: keyed(),
		arrange: longTask(20),
		act: async ({ run }) => {
			const [, second] = await Promise.all([run(), run()]);
			return second;
		},
		posts: 2,
	},
	{
		...again,
		fault: 'A webhook is delivered again after a timeout',
		containers: 'deep',
		parameters: keyed({ timeout: 30 }),
		arrange: longTask(50),
		act: twice,
		posts: 1,
	},
	{
		...again,
		fault: 'A webhook is delivered again after a lost response that was not resolved',
		containers: true,
		seesVary: true,
		parameters: keyed(),
		arrange: all(
			onCreate({ effect: 'reset', when: 'after' }),
			onRead(/\/config$/, phrase(596, 'Connection timed out'), { times: 5 }),
		),
		act: twice,
		posts: 2,
	},
	{
		...again,
		fault: 'n8n’s Retry On Fail after a timeout: fixed ID',
		parameters: { ...fixed(), options: { timeout: 30, maxPollInterval: 1 } },
		arrange: longTask(forever),
		act: async ({ run }) => await run({ retryOnFail: true, maxTries: 2, waitBetweenTries: 0 }),
		posts: 8,
		status: 'error',
		upid: 'in the log',
	},
	{
		...again,
		fault: 'n8n’s Retry On Fail after a timeout: Idempotency Key',
		parameters: keyed({ timeout: 30 }),
		arrange: longTask(50),
		act: async ({ run }) => await run({ retryOnFail: true, maxTries: 2, waitBetweenTries: 0 }),
		posts: 1,
	},
];
