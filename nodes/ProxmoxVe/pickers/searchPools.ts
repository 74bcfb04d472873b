import { searchOf } from './list';

interface Pool {
	readonly poolid: string;
	readonly comment?: string;
}

/** Resource pools. Source: `GET /pools`. */
export const searchPools = searchOf(
	async ({ client }) => {
		const { data } = await client.get<Pool[]>('/pools');
		return data.map(({ poolid, comment }) => ({
			name: comment ? `${poolid} (${comment})` : poolid,
			value: poolid,
		}));
	},
	{ needs: 'Pool.Audit on /pool/NAME' },
);
