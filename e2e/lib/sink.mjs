import { createServer } from 'node:http';

/** A local address that takes notifications and keeps them. */
export async function startSink() {
	const received = [];
	const server = createServer(async (request, response) => {
		const chunks = [];
		for await (const chunk of request) chunks.push(chunk);
		received.push({
			path: request.url,
			body: JSON.parse(Buffer.concat(chunks).toString() || 'null'),
		});
		response.setHeader('content-type', 'application/json');
		response.end('{"ok":true}');
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${server.address().port}`,
		received,
		at: (path) => received.filter((message) => message.path === path).map(({ body }) => body),
		close: () =>
			new Promise((resolve) => {
				server.closeAllConnections();
				server.close(resolve);
			}),
	};
}
