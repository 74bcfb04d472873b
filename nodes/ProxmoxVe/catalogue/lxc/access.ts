import { group, sshKeys, text } from '../fields';

/** How to log in. Both are put into the container when it is created, and are not in its configuration. */
export const access = group({
	name: 'access',
	label: 'Access',
	fields: {
		password: text({
			label: 'Password',
			help: 'Of root in the container, at least 5 characters',
			minLength: 5,
			secret: true,
		}),
		'ssh-public-keys': sshKeys({
			label: 'SSH Keys',
			help: 'Public keys of root in OpenSSH format, one per line',
			placeholder: 'ssh-ed25519 AAAA… admin@example.com',
			plain: true,
		}),
	},
});
