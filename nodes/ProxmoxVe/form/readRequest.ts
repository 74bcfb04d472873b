import type { Catalogue, GuestParameters, Profile, Purpose } from '../catalogue/catalogue';
import { choice } from '../catalogue/fields';
import { isUnset } from '../wire/values';
import { shown } from '../wire/shown';
import { readParameters } from '../wire/readParameters';
import { applyProfile, JSON_PROFILE, NO_PROFILE } from './applyProfile';
import { conflictsOf, withoutEffect } from './conflicts';
import { takeGrowth, volumeProblems, type DiskSize } from './drives';
import { readImages, type ImageDownload } from './readImages';
import { mergeImport, readImportSource, type ImportSource } from './readImport';
import type { Form } from './Form';
import { readAdditional } from './readAdditional';
import { textOf } from './readFields';
import { readForm, readImportForm, readJson, type Raw } from './readForm';
import { archiveBeside, readNewestBackup, type NewestBackup } from './readNewestBackup';
import { readOptions, type Options } from './readOptions';
import { readSeed, seedProblems, type SeedRequest } from './readSeed';
import { readAllowedNodes, readTarget } from './readTarget';
import { readTemplate, takeOciSettings } from './readTemplate';
import { asOfBackup, fitting, followingProblems, requestProblems } from './requestProblems';

/** One VM to create or restore, read and checked. */
export interface VmRequest {
	/** Empty if it is chosen automatically. */
	readonly node: string;
	/** The nodes to choose from, if the node is chosen automatically; all if it is empty. */
	readonly allowedNodes?: readonly string[];
	/** Undefined means the next free ID. */
	readonly vmid?: number;
	/** All but node and vmid. */
	readonly parameters: GuestParameters;
	/** The name of the guest, if it is given one. */
	readonly name?: string;
	/** The backup to restore; undefined for a create. */
	readonly archive?: string;
	/** What the user sends beside the catalogue, as it is. */
	readonly additional: Readonly<Record<string, string>>;
	readonly options: Options;
	/** Settings that will have no effect, for the output. */
	readonly warnings: readonly string[];
	/** Disks to grow before the first start. */
	readonly growth: readonly DiskSize[];
	/** The images to download before the guest is created; their placeholders are in the parameters. */
	readonly downloads: readonly ImageDownload[];
	/** Settings for after the creation, because the OCI image would replace them. */
	readonly later?: GuestParameters;
	/** The cloud-init files to attach before the first start. */
	readonly seed?: SeedRequest;
	/** The backup to look for, in whose place the archive holds a placeholder. */
	readonly newest?: NewestBackup;
	/** What to import. */
	readonly source?: ImportSource;
}

/** Of Import: the VM as the file describes it, by the API's names; without it, it was not read yet. */
export interface Importing {
	readonly guest?: Raw;
}

/** Whether a guest is started by a separate request, because it needs something before its first start. */
export const startsLater = ({ growth, seed, later }: VmRequest): boolean =>
	growth.length > 0 || seed !== undefined || later !== undefined;

/**
 * Reads the VM that an item creates, imports or restores.
 * @param importing of Import; before its file is read, only what is wrong with the fields is found
 * @returns what may be sent only after `form.check`
 */
export function readRequest(
	catalogue: Catalogue,
	purpose: Purpose,
	form: Form,
	importing?: Importing,
): VmRequest {
	const { problems } = form;
	const given = readGiven(catalogue, purpose, form, importing);
	const { raw, profile, seed, source } = given;
	const target = readTarget(raw, purpose, form);
	const { values, downloads, newest } = withPlaceholders(
		catalogue,
		purpose,
		form,
		given,
		importing?.guest,
	);
	/** What the file says is not known yet, as what a backup says is not. */
	const isPartial = importing !== undefined && importing.guest === undefined;
	const whole = isPartial ? 'restore' : purpose;
	const read = readParameters(catalogue, { ...values, ...target });
	problems.push(
		...[
			...read.problems.filter(({ isLacking }) => !(isPartial && isLacking === true)),
			...fitting(catalogue, purpose, values),
		].map((problem) => (purpose === 'restore' ? asOfBackup(catalogue, problem, raw) : problem)),
	);
	const { parameters: asked, warnings: notAdded } =
		profile === undefined
			? { parameters: read.parameters as GuestParameters, warnings: [] }
			: applyProfile(profile, read.parameters, seed !== undefined);
	const additional = readAdditional(catalogue, form, asked);
	const options = readOptions(form);
	problems.push(
		...requestProblems(catalogue, purpose, asked, options),
		...conflictsOf(catalogue, whole, asked, options),
		...volumeProblems(asked),
		...(seed === undefined ? [] : seedProblems(catalogue, seed, read.parameters, options)),
	);
	const { node = '', vmid, ...settings } = asked;
	const { parameters: others, growth } =
		purpose === 'create' ? takeGrowth(settings) : { parameters: settings, growth: [] };
	const isOci =
		purpose === 'create' &&
		catalogue.restoreFlag !== undefined &&
		String(others[catalogue.archive]).endsWith('.tar');
	const { parameters, later } = isOci ? takeOciSettings(others) : { parameters: others };
	problems.push(...followingProblems(growth, later, options));
	const name = asked[catalogue.name];
	const warnings = [...given.doubts, ...notAdded, ...withoutEffect(catalogue, whole, asked)];
	const isAutomatic = isUnset(target.node);
	const allowedNodes = readAllowedNodes(form);
	if (!isAutomatic && allowedNodes.length > 0 && !allowedNodes.includes(node))
		problems.push({
			parameter: 'node',
			message: `is "${shown(node)}", which is not one of Options → Allowed Nodes (${allowedNodes.join(', ')}). Change one of the two`,
		});
	return {
		node,
		...(isAutomatic ? { allowedNodes } : {}),
		...(vmid === undefined ? {} : { vmid }),
		...(name === undefined ? {} : { name: String(name) }),
		...(purpose === 'restore' ? { archive: String(asked[catalogue.archive]) } : {}),
		parameters,
		additional,
		options,
		warnings,
		growth,
		downloads,
		...(later === undefined ? {} : { later }),
		...(seed === undefined ? {} : { seed }),
		...(newest === undefined ? {} : { newest }),
		...(source === undefined ? {} : { source }),
	};
}

/** What the user has entered. */
interface Given {
	/** By the API's names, not checked yet. */
	readonly raw: Raw;
	readonly isJson: boolean;
	/** Whether Create shows its fields. */
	readonly hasFields: boolean;
	readonly profile?: Profile;
	readonly seed?: SeedRequest;
	readonly source?: ImportSource;
	readonly doubts: readonly string[];
}

function readGiven(
	catalogue: Catalogue,
	purpose: Purpose,
	form: Form,
	importing: Importing | undefined,
): Given {
	const isNew = purpose === 'create' && importing === undefined;
	const isJson = isNew
		? textOf(form.raw('profile')) === JSON_PROFILE
		: form.choice('specifyVm') === 'json';
	const profile = isNew ? readProfile(catalogue, form, isJson) : undefined;
	const hasFields = isNew && !isJson;
	const { seed, warnings: doubts } = hasFields ? readSeed(form) : { warnings: [] };
	const source = importing && readImportSource(form);
	const raw = isJson
		? readJson(form)
		: importing
			? readImportForm(catalogue, form)
			: readForm(catalogue, purpose, form, { profile });
	return { raw, isJson, hasFields, profile, seed, source, doubts };
}

/**
 * Reads what is stored or looked for only when the guest is created: images, a template, the newest backup.
 * @param guest of Import, the VM as the file describes it
 * @returns all values, with placeholders for these
 */
function withPlaceholders(
	catalogue: Catalogue,
	purpose: Purpose,
	form: Form,
	{ raw, isJson, hasFields }: Given,
	guest: Raw | undefined,
): Pick<VmRequest, 'downloads' | 'newest'> & { readonly values: Raw } {
	const { archive, restoreFlag } = catalogue;
	const newest = purpose === 'restore' ? readNewestBackup(form) : undefined;
	const template =
		purpose === 'create' && restoreFlag !== undefined
			? readTemplate(form, isJson ? raw[archive] : form.raw(archive))
			: undefined;
	const { values, images } = readImages(
		catalogue,
		form,
		guest === undefined ? raw : mergeImport(catalogue, guest, raw),
		hasFields,
	);
	return {
		values: {
			...values,
			...(template === undefined ? {} : { [archive]: template.placeholder }),
			...(purpose === 'restore' && restoreFlag !== undefined ? { [restoreFlag]: true } : {}),
			...(newest === undefined
				? {}
				: { [archive]: archiveBeside(catalogue, newest, raw, form.problems) }),
		},
		downloads: template === undefined ? images : [template],
		newest,
	};
}

/** Reads what a new guest is made for. @returns undefined for None */
function readProfile({ profiles }: Catalogue, form: Form, isJson: boolean): Profile | undefined {
	const name = isJson ? 'jsonProfile' : 'profile';
	const names = [NO_PROFILE, ...Object.keys(profiles), ...(isJson ? [] : [JSON_PROFILE])];
	const field = choice({
		label: isJson ? 'Profile for JSON' : 'Profile',
		options: Object.fromEntries(names.map((value) => [value, value])),
	});
	const { [name]: chosen = NO_PROFILE } = form.fields({ [name]: field }, { [name]: NO_PROFILE });
	return profiles[chosen];
}
