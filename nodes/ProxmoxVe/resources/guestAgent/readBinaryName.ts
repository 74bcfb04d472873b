import { text } from '../../catalogue/fields';
import type { Form } from '../../form/Form';

/** Reads the name of the binary field of an item. @returns '' if it is wrong */
export const readBinaryName = (form: Form, label: string): string =>
	form.fields(
		{ binaryPropertyName: text({ label, required: true }) },
		{ binaryPropertyName: 'data' },
	).binaryPropertyName ?? '';
