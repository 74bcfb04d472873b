import { searchOf } from './list';

interface ClusterNode {
	readonly node: string;
	readonly status: string;
}

/** The members of the cluster; one that is down is named as such. Source: `GET /nodes`. */
export const searchNodes = searchOf(async ({ client }) => {
	const { data } = await client.get<ClusterNode[]>('/nodes');
	return data.map(({ node, status }) => ({
		name: status === 'online' ? node : `${node} (${status})`,
		value: node,
	}));
});
