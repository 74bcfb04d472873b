import type { IDataObject } from 'n8n-workflow';

import { readOptions } from '../../form/readOptions';
import { readinessProblems } from '../../form/readReadiness';
import { readOriginalConfig } from '../../guests/currentConfig';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import { cloneVm } from '../../guests/provision/cloneVm';
import { notesProblem } from '../../guests/provision/idempotency';
import { previewOfClone } from '../../guests/provision/preview';
import { emit, type Execute } from '../../runtime/operation';
import { encodeFields } from '../../wire/encodeFields';
import { NO_UPDATE, notesOf, startField } from '../virtualMachine/clone';
import { cloneFields } from './fields';

const { newid, hostname, full, description, ...optionFields } = cloneFields;

/** Source: `POST /nodes/{node}/lxc/{vmid}/clone`, and as cloneVm says. */
export const execute: Execute = async (item) => {
	const { form, kind } = item;
	const guest = form.guest();
	const values = {
		...form.options(optionFields),
		...form.fields({ hostname, full }, { full: true }),
	};
	const { description: givenNotes } = form.options({ description });
	const vmid =
		form.choice('newIdMode') === 'fixed' ? form.guestId('newId', newid.label) : undefined;
	const options = readOptions(form);
	const { start = false } = form.fields(startField, { start: false });
	form.problems.push(
		...readinessProblems(
			options,
			start ? {} : { start: 'Start After Cloning: only a started container can be waited for' },
		),
		...(start && !options.wait
			? [
					{
						parameter: 'waitUntil',
						label: 'Options → Wait Until',
						message: 'must not be Nothing: the start follows once the clone exists',
					},
				]
			: []),
		...(options.ifExists === 'update' ? [NO_UPDATE] : []),
	);
	form.check();

	const original = await locateVm(item, guest);
	const key = options.idempotencyKey;
	const present =
		key !== '' && givenNotes === undefined
			? await readOriginalConfig(item, original, values.snapname)
			: undefined;
	const notes = notesOf(givenNotes, present, original, key);
	const tooLong = key === '' ? undefined : notesProblem(notes, key);
	if (tooLong !== undefined) form.problems.push({ parameter: 'description', message: tooLong });
	form.check();
	const copy = {
		original,
		node: values.target ?? original.node,
		...(vmid === undefined ? {} : { vmid }),
		body: {
			...encodeFields(values),
			...(givenNotes === undefined ? {} : { description: givenNotes }),
		},
		notes,
		growth: [],
		start,
		options,
	};
	if (options.preview) return emit(previewOfClone(kind, copy, {}, present) as IDataObject);
	const { name, vmid: clone, node, ...facts } = await cloneVm(item, copy);
	return await emitGuest(
		item,
		{ kind, vmid: clone, name, node },
		{ original: original.vmid, ...facts },
	);
};
