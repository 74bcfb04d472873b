/** QEMU's options, without their dashes: `args` with another one keeps a VM from starting. */
const OPTIONS = new Set(
	(
		'accel action add-fd append audio audiodev balloon bios blockdev boot cdrom chardev chroot compat cpu d D daemonize ' +
		'debugcon device dfilter display drive dtb dump-vmstate echr enable-kvm enable-sync-profile fda fdb fsdev full-screen ' +
		'fw_cfg g gdb global h hda hdb hdc hdd icount incoming initrd iscsi k kernel L loadvm m M machine mem-path ' +
		'mem-prealloc mon monitor msg mtdblock name net netdev nic no-fd-bootchk no-hpet no-reboot no-shutdown no-acpi ' +
		'no-user-config nodefaults nographic numa object option-rom overcommit parallel perfmap pflash pidfile plugin ' +
		'portrait preconfig prom-env qmp qmp-pretty qtest readconfig rotate rtc run-with runas S s sandbox sd seed ' +
		'semihosting semihosting-config serial set shim singlestep smbios smp snapshot spice tb-size tpmdev trace usb ' +
		'usbdevice uuid version vga virtfs virtioconsole vnc watchdog-action win2k-hack xen-attach xen-domid'
	).split(' '),
);

/** Whether QEMU knows an option, given with one dash or two. */
export function isQemuOption(word: string): boolean {
	return OPTIONS.has(word.replace(/^--?/, '').split('=', 1)[0] ?? '');
}
