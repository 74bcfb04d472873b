import type { VerdictDifference } from '../verdictDifferences';
import { vms, type Kind } from './kinds';
import { refusalsOf } from './emulatorReading';
import type { Form } from './requests';

type Which = (difference: VerdictDifference) => boolean;

/** Differences that are meant, by what becomes of the value. */
const accepted: Which = ({ node }) => node === 'accepts';
const refused: Which = ({ node }) => node === 'refuses';
const leftToCluster: Which = (difference) => difference.leftToCluster === true;

const isMeant = (
	{ differences }: Kind,
	which: Which,
	parameter: string,
	text: string | undefined,
	error?: string,
): boolean =>
	differences.some(
		(difference) => which(difference) && difference.applies({ parameter, text: text ?? '', error }),
	);

const refusalsBut = (kind: Kind, which: Which, form: Form): Map<string, string> =>
	new Map(
		[...refusalsOf(form, kind)].filter(
			([name, error]) => !isMeant(kind, which, name, form[name], error),
		),
	);

/** What the validator refuses of a request and the node must refuse too, by parameter. */
export const mistakesOf = (form: Form, kind = vms): Map<string, string> =>
	refusalsBut(kind, accepted, form);

/** What the validator refuses of a request that the node has sent, but for what only the cluster can judge. */
export const mistakesSent = (body: Form, kind = vms): Map<string, string> =>
	refusalsBut(kind, leftToCluster, body);

/** Whether the node means to refuse a value that the validator accepts. */
export const mayRefuse = (parameter: string, text: string | undefined, kind = vms): boolean =>
	isMeant(kind, refused, parameter, text);
