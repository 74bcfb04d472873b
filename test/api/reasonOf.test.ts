import { reasonOf } from '../../nodes/ProxmoxVe/api/messageOf';

/** Exit statuses and logs as a Proxmox VE 9.2 gave them. */
const recorded: ReadonlyArray<readonly [reason: string, exitStatus: string, ...log: string[]]> = [
	[
		'Backup of VM 103 failed - VM is locked (backup)',
		'job errors',
		'INFO: Starting Backup of VM 103 (qemu)',
		'ERROR: Backup of VM 103 failed - VM is locked (backup)',
		'INFO: Failed at 2026-11-26 08:12:13',
		'INFO: Backup job finished with errors',
		'TASK ERROR: job errors',
	],
	[
		"Backup of VM 115 failed - cannot mount subvol snapshots for storage type 'btrfs'",
		'job errors',
		'umount: /mnt/vzsnap0/: not mounted.',
		"command 'umount -l -d /mnt/vzsnap0/' failed: exit code 32",
		"ERROR: Backup of VM 115 failed - cannot mount subvol snapshots for storage type 'btrfs'",
		'INFO: Failed at 2026-11-26 08:12:13',
		'TASK ERROR: job errors',
	],
	['job errors', 'job errors', 'INFO: Failed at 2026-11-26 08:12:13', 'TASK ERROR: job errors'],
	[
		"migration aborted: Can't connect to destination address using public key",
		'migration aborted',
		'2026-11-26 08:25:47 ssh: connect to host 10.10.10.2 port 22: No route to host',
		"2026-11-26 08:25:47 ERROR: migration aborted (duration 00:00:00): Can't connect to destination address using public key",
		'TASK ERROR: migration aborted',
	],
	[
		"[pve2] bridge 'vmbr1' does not exist",
		'migration problems',
		"2026-11-26 09:24:14 starting VM 422 on remote node 'pve2'",
		"2026-11-26 09:24:17 [pve2] bridge 'vmbr1' does not exist",
		'2026-11-26 09:24:17 ERROR: online migrate failure - remote command failed with exit code 255',
		'2026-11-26 09:24:17 aborting phase 2 - cleanup resources',
		// What the other node says later is not the reason.
		'2026-11-26 09:24:18 [pve2] tunnel closed',
		'2026-11-26 09:24:19 ERROR: migration finished with problems (duration 00:00:05)',
		'TASK ERROR: migration problems',
	],
	[
		'online migrate failure - interrupted by signal',
		'migration problems',
		'2026-11-26 09:24:17 ERROR: online migrate failure - interrupted by signal',
		'TASK ERROR: migration problems',
	],
	[
		'start failed: kvm failed: got timeout',
		`start failed: command '/usr/bin/kvm -id 154 -name 'web,debug-threads=on' ${'-device x '.repeat(300)}' failed: got timeout`,
	],
	[
		"start failed: kvm: -drive file=/x.iso: Could not open '/x.iso': No such file or directory",
		`start failed: command '/usr/bin/kvm -id 154 ${'-device x '.repeat(300)}' failed: exit code 1`,
		"kvm: -drive file=/x.iso: Could not open '/x.iso': No such file or directory",
		'TASK ERROR: start failed',
	],
	[
		"qemu-img: Could not open '/var/lib/vz/images/7603/base-7603-disk-0.qcow2': Could not open …",
		"command '/usr/bin/qemu-img resize '--preallocation=metadata' -f qcow2 /var/lib/vz/images/7603/base-7603-disk-0.qcow2 2147483648' failed: exit code 1",
		"qemu-img: Could not open '/var/lib/vz/images/7603/base-7603-disk-0.qcow2': Could not open '/var/lib/vz/images/7603/base-7603-disk-0.qcow2': Operation not permitted",
		'TASK ERROR: command',
	],
	[
		'download failed: ERROR 404: Not Found.',
		'download failed: exit code 8',
		'HTTP request sent, awaiting response... 404 Not Found',
		'2026-11-26 07:48:28 ERROR 404: Not Found.',
		'TASK ERROR: download failed: exit code 8',
	],
	[
		'unable to create CT 392 - lxc-usernsexec failed: gzip: stdin: not in gzip format',
		"unable to create CT 392 - command 'lxc-usernsexec -m u:0:100000:65536 -- tar xpf - '--xattrs-include=user.*' --exclude './dev/*'' failed: exit code 2",
		"extracting archive '/var/lib/vz/template/cache/broken.tar.gz'",
		'gzip: stdin: not in gzip format',
		'tar: Child returned status 1',
		'TASK ERROR: unable to create CT 392',
	],
	[
		'zstd failed: got timeout reading VMA header - corrupted?',
		"command 'set -o pipefail && zstd -q -d -c /var/lib/vz/dump/x.vma.zst | vma extract -v -r /var/tmp/x.fifo - /var/tmp/x' failed: got timeout reading VMA header - corrupted?",
		'Skipping early checks!',
	],
	[
		'vma failed: ERROR: short vma extent - too many blocks',
		"command 'set -o pipefail && vma extract -v -r /var/tmp/x.fifo /var/lib/vz/dump/x.vma /var/tmp/x' failed: got signal 5",
		'(process:4777): ERROR **: 12:05:42.000: short vma extent - too many blocks',
		"temporary volume 'local:1422/vm-1422-disk-0.raw' successfully removed",
		'error before or during data restore, some or all disks were not completely restored. VM 1422 state is NOT cleaned up.',
	],
	[
		"can't lock file '/var/lock/qemu-server/lock-8001.conf' - got timeout",
		"can't lock file '/var/lock/qemu-server/lock-8001.conf' - got timeout",
	],
	["storage 'local:x' is full", "storage 'local:x'\nis full"],
	['', ''],
];

describe('the reason of a task', () => {
	it.each(recorded)('is %j', (reason, exitStatus, ...log) => {
		expect(reasonOf(exitStatus, log)).toBe(reason);
		expect(reason.length).toBeLessThanOrEqual(120);
	});

	it('is one short line whatever the status is', () => {
		for (const exitStatus of [
			'x'.repeat(4000),
			`${'word '.repeat(900)}`,
			`command '${"'".repeat(3000)}`,
			`a\n${'b '.repeat(500)}`,
		]) {
			const reason = reasonOf(exitStatus, []);
			expect(reason.length).toBeLessThanOrEqual(120);
			expect(reason).not.toContain('\n');
			expect(reason).toMatch(/ …$/);
		}
	});
});
