import { pageUrl } from '../api/pageUrl';
import { searchOf } from './list';

interface ClusterNode {
	readonly node: string;
	readonly status: string;
}

/** The members of the cluster; one that is down is named as such. Source: `GET /nodes`. */
export const searchNodes = searchOf(async ({ client }) => {
	const { data } = await client.get<ClusterNode[]>('/nodes');
	return await Promise.all(
		data.map(async ({ node, status }) => ({
			name: status === 'online' ? node : `${node} (${status})`,
			value: node,
			url: await pageUrl(client, `node/${node}`),
		})),
	);
});
