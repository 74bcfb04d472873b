import { randomUUID } from 'node:crypto';

import { volidOf } from '../../guests/images/imageTarget';
import { previewUpload, uploadImage } from '../../guests/images/uploadImage';
import { seedCommand } from '../../guests/provision/preview';
import { UUID_PLACEHOLDER } from '../../guests/provision/recognise';
import { SEED_FILE_LABELS, userDataField } from '../../form/readSeed';
import { emit, type Execute } from '../../runtime/operation';
import { buildSeedIso, seedName, type SeedFiles } from '../../wire/buildSeedIso';
import { checkSeed } from '../../wire/checkSeed';
import { readImageName } from '../../wire/imageName';
import { uploadFields } from '../../catalogue/image';
import { storedFacts } from './imageFacts';
import { seedOptionFields } from './ownFields';

/** Source: `POST /nodes/{node}/storage/{storage}/upload`, and cloud-init's NoCloud data source. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const node = form.node();
	const { storage = '', userData = '' } = form.fields({
		storage: uploadFields.storage,
		userData: userDataField,
	});
	const options = form.options(seedOptionFields);
	const waiting = form.waiting();
	const isPreview = form.previewing();
	const {
		instanceId = isPreview ? UUID_PLACEHOLDER : randomUUID(),
		hostName,
		networkConfig,
		vendorData,
	} = options;
	const metaData =
		options.metaData ??
		`instance-id: ${instanceId}\n${hostName === undefined ? '' : `local-hostname: ${hostName}\n`}`;
	const files: SeedFiles = {
		userData,
		metaData,
		...(networkConfig === undefined ? {} : { networkConfig }),
		...(vendorData === undefined ? {} : { vendorData }),
	};
	const { problems, warnings } = checkSeed(
		userData === '' ? { ...files, userData: undefined } : files,
	);
	for (const { file, message } of problems)
		form.problems.push({ parameter: file, label: SEED_FILE_LABELS[file], message });
	const name = readImageName('iso', options.filename ?? seedName(instanceId));
	if ('problem' in name)
		form.problems.push({ parameter: 'filename', label: 'File Name', message: name.problem });
	form.check();
	if ('problem' in name) throw new Error(`File Name ${name.problem}`);

	const iso = buildSeedIso(files, new Date());
	const file = { name: name.value, size: iso.length, open: async () => iso };
	const target = { node, storage, content: 'iso', name: name.value } as const;
	const request = { ...target, file, ifExists: 'replace' } as const;
	if (isPreview) return await previewUpload(item, request, seedCommand(volidOf(target), files));
	const stored = await uploadImage(item, request, waiting);
	const facts = storedFacts(node, stored);
	const isWarned = warnings.length > 0 && facts.taskStatus === 'ok';
	return emit({
		...facts,
		taskStatus: isWarned ? 'warnings' : facts.taskStatus,
		warnings: [...warnings, ...facts.warnings],
		instanceId: options.metaData === undefined ? instanceId : null,
	});
};
