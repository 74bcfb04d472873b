import { generate } from 'selfsigned';

export interface ServerCertificate {
	/** The certificate authority, PEM: what a client has to trust. */
	ca: string;
	/** Private key and certificate of the server, PEM. */
	key: string;
	cert: string;
}

let made: Promise<ServerCertificate> | undefined;

/** A certificate for localhost signed by a CA of its own, made once a process. */
export async function serverCertificate(): Promise<ServerCertificate> {
	made ??= makeCertificate();
	return await made;
}

async function makeCertificate(): Promise<ServerCertificate> {
	const common = { keyType: 'ec', algorithm: 'sha256' } as const;
	const authority = await generate(
		[
			{ name: 'commonName', value: 'Proxmox Virtual Environment' },
			{ name: 'organizationName', value: 'PVE Cluster Manager CA' },
		],
		{
			...common,
			extensions: [
				{ name: 'basicConstraints', cA: true, critical: true },
				{ name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
			],
		},
	);
	const server = await generate([{ name: 'commonName', value: 'pve1.localdomain' }], {
		...common,
		ca: { key: authority.private, cert: authority.cert },
		extensions: [
			{ name: 'basicConstraints', cA: false },
			{ name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
			{ name: 'extKeyUsage', serverAuth: true },
			{
				name: 'subjectAltName',
				altNames: [
					{ type: 2, value: 'localhost' },
					{ type: 2, value: 'pve1' },
					{ type: 7, ip: '127.0.0.1' },
					{ type: 7, ip: '::1' },
				],
			},
		],
	});
	return { ca: authority.cert, key: server.private, cert: server.cert };
}
