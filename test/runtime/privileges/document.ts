import type { PrivilegeCase } from './cases';

const INTRODUCTION = `# Privileges

Which privileges each operation needs in Proxmox VE, so that a role can be as small as its workflows allow. README.md has one role for everything. A test runs every row below with exactly these privileges, and without each of them.

- A row of an option is what comes on top of the operation's own row.
- *Where* is the path on which the role must be set: \`/vms/ID\` for a VM, \`/pool/NAME\` for a pool and its VMs and storages, \`/storage/NAME\`, \`/sdn/zones/localnetwork/vmbr0\`. A role on \`/\` covers all of them.
- **A role that is set on a deeper path replaces what is inherited from above it**, and a role of the user itself replaces what its groups have on the same path. To add a privilege, extend the role where it is set: \`pveum role modify ROLE --append 1 --privs PRIVILEGE\`. Two roles on the same path add up. Where a privilege is missing, the error has the commands that fit the roles of this user or token.
- Waiting for a task, its status and its log need nothing more: a token may read the tasks that it started itself.
- VM.Audit on the new VM is also what lets the node find out what became of a create whose response was lost.
- The error advice reads the roles with Sys.Audit on \`/access\`. Without it, it names roles of what the token has and needs.
- On Proxmox VE 8 the guest agent needs VM.Monitor, which Proxmox VE 9 replaced by VM.GuestAgent.Audit. Mapping.Use came with 8.0.
- Lists to choose from show only what the user or token may see: nodes are free, storages and their content need Datastore.Audit or Datastore.AllocateSpace, backups VM.Backup on their VM, bridges SDN.Use, pools Pool.Audit, mapped devices Mapping.Use, snippets Datastore.Allocate.
- *Proxmox VE Trigger* sees the tasks of all users with Sys.Audit on \`/nodes/NODE\`; without it only those that its token started.

| Operation | For | Privilege | Where |
| --- | --- | --- | --- |
`;

/** docs/privileges.md */
export function privilegesDocument(cases: readonly PrivilegeCase[]): string {
	const rows = cases.flatMap(({ operation, option = '', needs }) =>
		Object.entries(needs).map(
			([privilege, where], index) =>
				`| ${index === 0 ? operation : ''} | ${index === 0 ? option : ''} | ${privilege} | ${where} |`,
		),
	);
	return `${INTRODUCTION}${rows.join('\n')}\n`;
}
