import { splitList } from '../../wire/values';
import { flag } from '../../catalogue/fields';
import { getFields } from './fields';
import { simplifyField } from './ownFields';
import { decodeConfig } from '../../wire/decodeConfig';
import { encodeFields } from '../../wire/encodeFields';
import { guestAddresses } from '../../guests/guestAddresses';
import { guestPath } from '../../api/paths';
import { locateVm } from '../../guests/locateGuest';
import type { Execute } from '../../runtime/operation';
import { emitGuest } from '../../guests/emitGuest';

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
	const { form } = item;
	const chosen = form.guest();
	const values = form.options(getFields);
	const answer = form.options(answerFields);
	const { simplify } = form.fields(simplifyField, { simplify: true });
	form.check();

	const place = await locateVm(item, chosen);
	const [{ data: config }, { data: current }] = await Promise.all([
		client.get<Record<string, string | number>>(`${guestPath(place)}/config`, encodeFields(values)),
		client.get<Current>(`${guestPath(place)}/status/current`),
	]);
	const signal = context.getExecutionCancelSignal();
	const reported =
		answer.ipAddresses === true
			? await guestAddresses(client, place, { seconds: 0, ipVersion: 'ipv4' }, signal)
			: undefined;
	const guest = { ...place, name: current.name ?? null };
	const state = {
		status: current.status,
		template: current.template === 1,
		tags: splitList(current.tags ?? ''),
		lock: current.lock ?? null,
	};
	const decoded = decodeConfig(item.kind.catalogue, config);
	if (simplify === true) {
		const { cores = null, memory = null } = decoded;
		const found = reported && {
			ipAddresses: reported.network.ipAddresses,
			warnings: reported.warnings,
		};
		return await emitGuest(item, guest, { ...state, cores, memory, ...found });
	}
	return await emitGuest(item, guest, {
		...state,
		...(reported && { ...reported.network, warnings: reported.warnings }),
		config: answer.rawConfig === true ? config : decoded,
		current: { ...current },
	});
};
