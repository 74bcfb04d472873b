import { flag } from '../../catalogue/fields';

/** Of Get and Get Many: of n8n's UX guidelines, and no parameter of the API. */
export const simplifyField = {
	simplify: flag({
		label: 'Simplify',
		guards: true,
		help: 'Whether to return a simplified version of the response instead of the raw data',
	}),
};
