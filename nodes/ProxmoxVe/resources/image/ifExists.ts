import { choice } from '../../catalogue/fields';

/** What to do with an image of the same name: a choice of this node, not of the API. */
export const ifExistsFields = {
	ifExists: choice({
		label: 'If Exists',
		help: 'What to do if the storage has a file of this name',
		options: { keep: 'Keep', replace: 'Replace', fail: 'Fail' },
	}),
};
