import { verdictDifferences, type VerdictDifference } from '../verdictDifferences';
import { refusalsOf } from './emulatorReading';
import type { Form } from './requests';

type Which = (difference: VerdictDifference) => boolean;

/** Differences that are meant, by what becomes of the value. */
const accepted: Which = ({ node }) => node === 'accepts';
const refused: Which = ({ node }) => node === 'refuses';
const leftToCluster: Which = (difference) => difference.leftToCluster === true;

const isMeant = (
	which: Which,
	parameter: string,
	text: string | undefined,
	error?: string,
): boolean =>
	verdictDifferences.some(
		(difference) => which(difference) && difference.applies({ parameter, text: text ?? '', error }),
	);

const refusalsBut = (which: Which, form: Form): Map<string, string> =>
	new Map(
		[...refusalsOf(form)].filter(([name, error]) => !isMeant(which, name, form[name], error)),
	);

/** What the validator refuses of a request and the node must refuse too, by parameter. */
export const mistakesOf = (form: Form): Map<string, string> => refusalsBut(accepted, form);

/** What the validator refuses of a request that the node has sent, but for what only the cluster can judge. */
export const mistakesSent = (body: Form): Map<string, string> => refusalsBut(leftToCluster, body);

/** Whether the node means to refuse a value that the validator accepts. */
export const mayRefuse = (parameter: string, text: string | undefined): boolean =>
	isMeant(refused, parameter, text);
