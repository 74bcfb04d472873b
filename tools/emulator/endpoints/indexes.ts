import { findEndpoint } from '../contract/facts';
import { ownFacts } from './ownFacts';
import type { Endpoint } from './types';

const named = (names: string) => names.split(' ').map((name) => ({ name }));
const subdirs = (names: string) => names.split(' ').map((subdir) => ({ subdir }));

/** What the API lists under a path that is only there to be looked into. */
const INDEXES: ReadonlyArray<readonly [path: string, rows: ReadonlyArray<Record<string, string>>]> =
	[
		[
			'/nodes/{node}',
			named(
				'aplinfo apt capabilities ceph certificates config disks dns firewall hardware hosts journal lxc migrateall netstat ' +
					'network qemu query-oci-repo-tags query-url-metadata replication report rrd rrddata scan sdn services spiceshell ' +
					'startall status stopall storage subscription suspendall syslog tasks termproxy time version vncshell vzdump wakeonlan',
			),
		],
		[
			'/nodes/{node}/qemu/{vmid}',
			subdirs(
				'config cloudinit pending status unlink vncproxy termproxy migrate resize move rrd rrddata monitor agent snapshot ' +
					'spiceproxy sendkey firewall mtunnel remote_migrate',
			),
		],
		[
			'/nodes/{node}/qemu/{vmid}/status',
			subdirs('current start stop reset shutdown suspend reboot'),
		],
		[
			'/nodes/{node}/qemu/{vmid}/agent',
			named(
				'exec exec-status file-read file-write fsfreeze-freeze fsfreeze-status fsfreeze-thaw fstrim get-fsinfo get-host-name ' +
					'get-memory-block-info get-memory-blocks get-osinfo get-time get-timezone get-users get-vcpus info ' +
					'network-get-interfaces ping set-user-password shutdown suspend-disk suspend-hybrid suspend-ram',
			),
		],
		[
			'/nodes/{node}/lxc/{vmid}',
			subdirs(
				'config pending status vncproxy termproxy vncwebsocket spiceproxy migrate clone rrd rrddata firewall snapshot ' +
					'resize interfaces',
			),
		],
		['/nodes/{node}/lxc/{vmid}/status', subdirs('current start stop shutdown reboot migrate')],
		[
			'/nodes/{node}/storage/{storage}',
			subdirs(
				'content download-url file-restore identity import-metadata oci-registry-pull prunebackups rrd rrddata status upload',
			),
		],
	];

export const indexEndpoints: Endpoint[] = INDEXES.map(([path, rows]) => ({
	method: 'GET',
	path,
	facts: findEndpoint('GET', path) ? undefined : ownFacts('GET', path),
	handle: () => rows,
}));
