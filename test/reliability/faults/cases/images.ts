import type { INodeParameters } from 'n8n-workflow';

import { guestOf } from '../../../../tools/emulator/guest/guestSystem';
import type { FaultCase, Stage } from '../faultCase';
import { fixed, forever, onCreate, OTHERS_VM, phrase, picked } from '../ingredients';

const IMAGE_URL = 'https://images.example/debian-13.qcow2';
const nothing = { vms: 0, posts: 0, status: 'error', upid: 'none' } as const;

/** A VM whose first disk is a copy of an image from a URL. */
const fromUrl = (imageDownload: Record<string, string> = {}): INodeParameters => ({
	diskSource: 'url',
	imageUrl: IMAGE_URL,
	storage: picked('local'),
	diskSize: '',
	moreSettings: ['cloudInit', 'imageDownload'],
	imageDownload: { ...imageDownload, storage: picked('local') },
});
/** The image is on the web, and its storage takes it. */
const onTheWeb =
	(file: { breaksOff?: boolean } = {}) =>
	({ emulator: { state } }: Stage): void => {
		state.storages.get('local')?.content.push('import');
		const disk = { format: 'qcow2', size: 2 ** 30 };
		state.web.set(IMAGE_URL, { size: 1_000, sums: { sha256: 'a'.repeat(64) }, disk, ...file });
	};

/** What goes wrong with images, with the node that was chosen for a VM, and within its guest. */
export const imagesAndGuests: readonly FaultCase[] = [
	{
		...nothing,
		fault: 'The download of the image breaks off',
		phase: 'Before the request',
		parameters: fromUrl(),
		arrange: onTheWeb({ breaksOff: true }),
	},
	{
		...nothing,
		fault: 'The image has another checksum',
		phase: 'Before the request',
		parameters: fromUrl({ checksum: 'b'.repeat(64), 'checksum-algorithm': 'sha256' }),
		arrange: onTheWeb(),
	},
	{
		...nothing,
		fault: 'The node that was chosen automatically goes offline before the POST (595)',
		phase: 'The request is rejected',
		parameters: { node: picked('') },
		arrange: onCreate({ effect: phrase(595, 'No route to host'), times: forever }),
		posts: 7,
	},
	{
		...nothing,
		fault: 'The guest agent stops while it runs a command',
		phase: 'While waiting',
		parameters: {
			resource: 'guestAgent',
			operation: 'executeCommand',
			vm: picked(String(OTHERS_VM)),
			command: 'backup-database',
			options: { timeout: 60 },
		},
		arrange: ({ emulator: { state } }) => {
			const vm = state.vms.get(OTHERS_VM);
			if (!vm) throw new Error(`the emulator has no VM ${OTHERS_VM}`);
			Object.assign(vm, { status: 'running', pid: 1, agentRuns: true });
			vm.config.agent = '1';
			guestOf(vm).programs.set('backup-database', () => {
				vm.agentRuns = false;
				return { seconds: 5 };
			});
		},
	},
	{
		fault: 'cloud-init fails in the guest, with If Not Ready → Fail',
		phase: 'At the start of the VM',
		parameters: {
			...fixed(),
			start: true,
			general: { agent_enabled: true },
			options: {
				waitUntil: 'cloudInit',
				ifNotReady: 'fail',
				readyTimeout: 600,
				maxPollInterval: 1,
			},
		},
		arrange: ({ emulator: { state } }) => {
			const errors = [
				"('scripts-user', RuntimeError('Runparts: 1 failures (runcmd) in 1 attempted commands'))",
			];
			state.boot = () => ({ agentSeconds: 1, cloudInit: { seconds: 2, errors } });
		},
		vms: 1,
		posts: 1,
		status: 'error',
		upid: 'kept',
	},
];
