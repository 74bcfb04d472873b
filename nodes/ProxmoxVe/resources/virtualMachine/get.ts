import { flag } from '../../catalogue/fields';
import { getFields } from '../../catalogue/qemu/actions';
import { readFields } from '../../form/readFields';
import { optionValues } from '../../form/readOptions';
import { decodeConfig } from '../../wire/decodeConfig';
import { encodeFields } from '../../wire/encodeFields';
import { splitList } from '../../wire/splitList';
import { guestAddresses } from '../../guests/guestAddresses';
import { locateVm, vmPath } from '../../guests/locateGuest';
import { emit, type Execute } from '../../runtime/operation';
import { BadInputError } from '../../runtime/toNodeError';
import { vmUrl } from '../../guests/guestUrl';

interface Current {
	readonly status: string;
	readonly name?: string;
	readonly tags?: string;
	readonly template?: 0 | 1;
	readonly lock?: string;
}

/** What the output holds, beside the config. */
const answerFields = {
	ipAddresses: flag({ label: 'IP Addresses' }),
	rawConfig: flag({ label: 'Raw Config' }),
};

/** Source: `GET /nodes/{node}/qemu/{vmid}/config`, `GET …/status/current`, and as guestAddresses says. */
export const execute: Execute = async (item) => {
	const { client, context } = item.run;
	const options = optionValues(item.get);
	const { values, problems } = readFields(getFields, options);
	const { values: answer, problems: wrong } = readFields(answerFields, options);
	problems.push(...wrong);
	if (problems.length > 0) throw new BadInputError(problems);

	const place = await locateVm(item);
	const [{ data: config }, { data: current }] = await Promise.all([
		client.get<Record<string, string | number>>(`${vmPath(place)}/config`, encodeFields(values)),
		client.get<Current>(`${vmPath(place)}/status/current`),
	]);
	const signal = context.getExecutionCancelSignal();
	const network =
		answer.ipAddresses === true
			? await guestAddresses(client, place, { seconds: 0, ipVersion: 'ipv4' }, signal)
			: {};
	return emit({
		...place,
		name: current.name ?? null,
		status: current.status,
		template: current.template === 1,
		tags: splitList(current.tags ?? ''),
		lock: current.lock ?? null,
		...network,
		url: await vmUrl(client, place.vmid),
		config: answer.rawConfig === true ? config : decodeConfig(item.catalogue, config),
		current: { ...current },
	});
};
