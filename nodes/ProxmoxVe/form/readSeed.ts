import type { Catalogue, GuestParameters } from '../catalogue/catalogue';
import { parameterOf } from '../catalogue/catalogue';
import { flag, text } from '../catalogue/fields';
import { isSeed, type SeedFiles } from '../wire/buildSeedIso';
import { checkSeed } from '../wire/checkSeed';
import type { Problem } from '../wire/problem';
import { drivesOf, isCloudInitDrive } from './drives';
import type { Form } from './Form';
import type { Options } from './readOptions';
import { seedUrlOf } from '../wire/seedUrl';

/** The cloud-init files of a guest, which it gets as an ISO image. */
export interface SeedRequest extends Omit<SeedFiles, 'metaData'> {
	/** Without it the node writes it: with the guest's ID for cloud-init, and its name. */
	readonly metaData?: string;
	/** The storage for the ISO image; without it one of the node is chosen. */
	readonly storage?: string;
	/** Whether to remove it once cloud-init has finished. */
	readonly removeAfterBoot: boolean;
}

/** The n8n parameter of the collection. */
export const SEED = 'cloudInitFiles';
export const SEED_LABEL = 'Cloud-Init Files';

/** The user data of a guest. */
export const userDataField = text({
	label: 'User Data',
	help: 'A cloud-init configuration, or a script that begins with #!',
	rows: 8,
	required: true,
	placeholder: '#cloud-config …',
});

/** The other files of a guest. */
export const seedFileFields = {
	metaData: text({
		label: 'Meta Data',
		help: 'The whole file meta-data. It should have an instance-id.',
		rows: 3,
		placeholder: 'instance-id: web-1',
	}),
	networkConfig: text({
		label: 'Network Config',
		help: 'Version 1 or 2. By default the guest uses DHCP.',
		rows: 5,
		placeholder: 'version: 2 …',
	}),
	vendorData: text({
		label: 'Vendor Data',
		help: 'Defaults for User Data, in the same form',
		rows: 5,
		placeholder: '#cloud-config …',
	}),
};

/** Labels of the files, for errors. */
export const SEED_FILE_LABELS: Readonly<Record<keyof SeedFiles, string>> = {
	userData: userDataField.label,
	metaData: seedFileFields.metaData.label,
	networkConfig: seedFileFields.networkConfig.label,
	vendorData: seedFileFields.vendorData.label,
};

export const seedFields = {
	userData: userDataField,
	...seedFileFields,
	storage: text({
		label: 'ISO Storage',
		help: 'By default the first that holds ISO images',
		format: 'pve-storage-id',
		picker: 'searchIsoStorages',
		placeholder: 'local',
	}),
	removeAfterBoot: flag({
		label: 'Remove After First Boot',
		help: 'Whether to delete the ISO image after Wait Until → Cloud-Init Finished',
	}),
};

const isEmpty = (form: Form): boolean => {
	const given = form.raw(SEED, {});
	return typeof given !== 'object' || given === null || Object.keys(given).length === 0;
};

/** Reads the cloud-init files of a guest. @returns undefined if there are none, and what may not be meant */
export function readSeed(form: Form): {
	readonly seed?: SeedRequest;
	readonly warnings: readonly string[];
} {
	if (isEmpty(form)) return { warnings: [] };
	const {
		userData,
		removeAfterBoot = false,
		...others
	} = form.collection(SEED, SEED_LABEL, seedFields);
	const { problems, warnings } = checkSeed({ ...others, userData });
	for (const { file, message } of problems)
		form.problems.push({
			parameter: file,
			label: `${SEED_LABEL} → ${SEED_FILE_LABELS[file]}`,
			message,
		});
	return { seed: { userData: userData ?? '', removeAfterBoot, ...others }, warnings };
}

/** What cannot be combined with cloud-init files, or is needed for them. @param given what the user sets, without what a profile adds */
export function seedProblems(
	catalogue: Catalogue,
	{ removeAfterBoot }: SeedRequest,
	given: GuestParameters,
	{ wait, waitUntil }: Options,
): Problem[] {
	const problems: Problem[] = [];
	const wrong = (parameter: string, message: string, label?: string): void =>
		void problems.push({ parameter, message, ...(label === undefined ? {} : { label }) });
	if (!wait)
		wrong(
			SEED,
			'cannot be combined with Options → Wait Until → Nothing: the ISO image is attached once the VM is created',
			SEED_LABEL,
		);
	if (given.template === true)
		wrong('template', `cannot be combined with ${SEED_LABEL}: give them to each clone instead`);
	for (const name of Object.keys(given)) {
		if (!catalogue.cloudInit.includes(parameterOf(catalogue, name))) continue;
		const file = /^(?:ipconfig\d+|nameserver|searchdomain)$/.test(name)
			? SEED_FILE_LABELS.networkConfig
			: SEED_FILE_LABELS.userData;
		wrong(
			name,
			`cannot be combined with ${SEED_LABEL}, because the guest reads only one of them. Set it in ${file}`,
		);
	}
	if (seedUrlOf((given as Readonly<Record<string, unknown>>).smbios1) !== undefined)
		wrong(
			SEED,
			'cannot be combined with a System Serial Number that names a web server for cloud-init: the guest would use only one of them. Remove one',
			SEED_LABEL,
		);
	for (const [name, drive] of drivesOf(given)) {
		if (isCloudInitDrive(drive) || isSeed(drive.file ?? ''))
			wrong(
				name,
				`cannot be combined with ${SEED_LABEL}: the guest would use only one of them. Remove one`,
			);
	}
	if (removeAfterBoot && waitUntil !== 'cloudInit')
		wrong(
			'removeAfterBoot',
			'needs Options → Wait Until → Cloud-Init Finished',
			`${SEED_LABEL} → ${seedFields.removeAfterBoot.label}`,
		);
	return problems;
}
