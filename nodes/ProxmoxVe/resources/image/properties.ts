import type { INodeProperties } from 'n8n-workflow';

import type { PlainField } from '../../catalogue/fields';
import { alwaysShownProperty, locator, plainProperties } from '../../form/describeField';
import {
	listProperties,
	nodeProperty,
	optionsProperty,
	taskProperties,
	waitOptions,
	waitProperty,
} from '../../form/sharedProperties';
import { downloadFields, ociFields, templateFields, uploadFields } from '../../catalogue/image';
import { userDataField } from '../../form/readSeed';
import { fromFields, ifExistsFields, seedOptionFields } from './ownFields';

const { content, storage, url } = downloadFields;

/** The fields of an endpoint that are added as options. */
const rare = (fields: Readonly<Record<string, PlainField>>): INodeProperties[] =>
	plainProperties(
		Object.entries(fields).filter(([name]) => !['content', 'storage', 'url'].includes(name)),
	);

const contentProperty = alwaysShownProperty('content', content, 'import');
const storageProperty = alwaysShownProperty('storage', storage, { mode: 'list', value: '' });
const ifExistsProperty: INodeProperties = {
	...alwaysShownProperty('ifExists', ifExistsFields.ifExists, 'keep'),
	options: [
		{
			name: 'Keep',
			value: 'keep',
			description:
				'Return the existing file. A checksum is compared with it; without one, its content is not.',
		},
		{ name: 'Replace', value: 'replace', description: 'Store the new file in its place' },
		{ name: 'Fail', value: 'fail' },
	],
};

/** A property for one place to download from. With an expression for that, n8n would require those of all. */
const from = (place: string, property: INodeProperties): INodeProperties => ({
	...property,
	required: false,
	displayOptions: { show: { downloadFrom: [place] } },
});

export const downloadProperties: readonly INodeProperties[] = [
	nodeProperty,
	alwaysShownProperty('downloadFrom', fromFields.downloadFrom, 'url'),
	from('url', contentProperty),
	from(
		'list',
		alwaysShownProperty('template', templateFields.template, { mode: 'list', value: '' }),
	),
	from('registry', alwaysShownProperty('reference', ociFields.reference, '')),
	storageProperty,
	from('url', alwaysShownProperty('url', url, '')),
	ifExistsProperty,
	waitProperty,
	optionsProperty([...waitOptions, ...rare(downloadFields)]),
];

export const uploadProperties: readonly INodeProperties[] = [
	nodeProperty,
	contentProperty,
	storageProperty,
	{
		displayName: 'Input Binary Field',
		name: 'binaryPropertyName',
		type: 'string',
		default: 'data',
		required: true,
		hint: 'The name of the input field with the file',
		description:
			'The binary field of the input item that has the file, such as the output of HTTP Request or Read/Write Files from Disk',
	},
	ifExistsProperty,
	waitProperty,
	optionsProperty([...waitOptions, ...rare(uploadFields)]),
];

export const createSeedProperties: readonly INodeProperties[] = [
	nodeProperty,
	storageProperty,
	alwaysShownProperty('userData', userDataField, ''),
	waitProperty,
	optionsProperty([...waitOptions, ...plainProperties(Object.entries(seedOptionFields))]),
];

/** Which images to list. */
const filtersProperty: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add Filter',
	default: {},
	options: [
		{
			displayName: 'Content Type',
			name: 'content',
			type: 'options',
			options: [
				{ name: 'Container Template', value: 'vztmpl' },
				{ name: 'Disk Image', value: 'import' },
				{ name: 'ISO Image', value: 'iso' },
			],
			default: 'import',
			description: 'Only files of this content type',
		},
		{
			displayName: 'Name Contains',
			name: 'name',
			type: 'string',
			default: '',
			placeholder: 'e.g. debian-13',
		},
		{
			displayName: 'Storage',
			name: 'storage',
			...locator('searchFileStorages', 'local'),
			description:
				'Only files on this storage, or on several storages separated by commas. If not set, all online storages of the node are searched.',
		},
	],
};

export const getManyProperties: readonly INodeProperties[] = [
	nodeProperty,
	...listProperties,
	filtersProperty,
];

export const deleteProperties: readonly INodeProperties[] = [
	nodeProperty,
	{
		displayName: 'Image',
		name: 'volid',
		...locator('searchImages', 'local:import/debian-13.qcow2'),
		required: true,
		description:
			'The file, from the list or by its volume ID, which Get Many, Download and Upload return as volid',
	},
	...taskProperties,
];
