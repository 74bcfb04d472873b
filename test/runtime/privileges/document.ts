import type { PrivilegeCase } from './cases';

const INTRODUCTION = `# Privileges

The privileges that each operation needs in Proxmox VE, so that you can create a role that is as small as possible. README.md has one role for almost all operations, and says what to add for the others. A test runs every row below with exactly these privileges, and without each of them.

- The row of an option lists the privileges that are needed in addition to the row of its operation.
- *Where* is the path on which the role must be set: \`/vms/ID\` for a VM or container, \`/pool/NAME\` for a pool and its guests and storages, \`/storage/NAME\`, \`/sdn/zones/localnetwork/vmbr0\`. A role on \`/\` covers all of them.
- **A role that is set on a deeper path replaces what is inherited from above it**, and a role of the user replaces the roles of its groups on the same path. To add a privilege, extend the role where it is set: \`pveum role modify ROLE --append 1 --privs PRIVILEGE\`. Two roles on the same path are combined. If a privilege is missing, the error includes the commands that grant it to this user or token.
- Waiting for a task and reading its status and log need no further privileges: a token may read the tasks that it started itself.
- The privileges of a container are named VM… too. It has no guest agent: its addresses need VM.Audit.
- With VM.Audit on the new guest, the node can also find out whether a create whose response was lost has succeeded.
- To suggest the right command, the node reads the roles, which needs Sys.Audit on \`/access\`. Without it, the error suggests a new role with the privileges that the token has and needs.
- On Proxmox VE 8 the guest agent needs VM.Monitor, which Proxmox VE 9 replaced with several VM.GuestAgent privileges. VM.GuestAgent.Unrestricted includes the others and gives root access in the guest, so the role in README.md has only VM.GuestAgent.Audit. Mapping.Use exists since 8.0.
- Lists in the editor show only what the user or token may see. Nodes need no privilege, storages and their content need Datastore.Audit or Datastore.AllocateSpace, backups VM.Backup on their guest, bridges SDN.Use, pools Pool.Audit, mapped devices Mapping.Use, snippets Datastore.Allocate.
- With Sys.Audit on \`/nodes/NODE\`, *Proxmox VE Trigger* sees the tasks of all users; without it, only those that its token started.
- For changes of VMs and containers, *Proxmox VE Trigger* needs VM.Audit on \`/vms\`.
- *Proxmox VE Notification Trigger* needs Mapping.Modify on \`/mapping/notifications\`, and Sys.AccessNetwork on \`/\` (or Sys.Audit and Sys.Modify on \`/\`).

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
