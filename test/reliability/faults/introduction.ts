/** The part of docs/reliability.md before its tables. @param cases how many faults are played */
export const introduction = (cases: number): string => `# When something goes wrong

What Create and Restore do when hosts, proxies, locks and tasks fail, and what you see then.
The tables below are written by \`test/reliability/faults.test.ts\`. It runs each of these ${cases} faults on n8n's engine against an emulated
Proxmox VE (with an API token, and with user and password), and fails if the node does not behave as this page says.
The rows marked *also containers* are run for containers too and end the same way, with \`CT\` and \`pct\` in place of \`VM\` and \`qm\`:
a container is recognized by the MAC address of its first network card, where a VM is recognized by its UUID.

## How the node behaves

- **One VM per item.** A request that may have been executed is never simply repeated. If its response is lost, the
  node finds out who created the VM before it continues (see below), or reports that the outcome is unknown. It never uses the VM
  or the task of another request, and no decision depends on a clock.
- **If another request takes the VM ID first**, the node uses the next free ID (with *Next Free ID*): four n8n processes
  that create 50 VMs each at the same time create 200 (\`test/reliability/processes/creates.ts\`). A fixed VM ID is never replaced, unless
  *If VM Exists* says so.
- **The UPID is never lost** once Proxmox VE has returned it: it is in the output, in the error and its details (also on the
  error output), and in n8n's log as soon as it is known.
- **Waiting survives temporary failures:** broken connections, hosts and proxies that do not respond, and rejected logins for some
  minutes. It ends with the task, with the timeout, or with the execution. The task continues in Proxmox VE whatever the node
  does; only *Stop Task on Cancel* stops it. If the VM moves to another node meanwhile, it is found there. A request that is
  running when the execution is cancelled is still completed, so that its UPID is logged; no further request is sent.
- **A rejected login is tried four times**, with pauses of 5 s, 30 s and 3 min, shared by all items of an execution, so
  that the account is not locked. Then the wait ends with an error that includes the UPID. If the first request of an execution is
  rejected, no other request is sent.
- **A timeout applies to the whole response:** a response that arrives at one byte per second times out too. A change of n8n's clock
  neither ends nor extends a wait.
- **IP addresses** are those of the VM's own network cards, found by their MAC: *Wait Until → IP Address* waits for each connected
  card, and lists the cards that got no address. Only valid IP addresses are returned, because the guest decides
  what its agent reports.
- **Success means success.** If a start was requested, the node waits until the VM is running. Warnings count as success and are in the output.
- **Locks** of other tasks are waited for, as long as nothing was left behind.

## What to do after an error

| The error says | What to do |
| --- | --- |
| nothing was sent, or Proxmox VE rejected it | Correct the fields that the error names and run it again. Nothing was created. |
| a task with its UPID | The VM may exist. The error says what is left of it. |
| it was still running after … | The task is still running. Use *Task → Wait* with the UPID, or increase *Timeout*. |
| its response was lost | The outcome is unknown. The error names the VM ID, the node and the tasks that may belong to the request. Check the VM and these tasks before you run it again. |
| … was not changed, but is still locked | No task is using it. Unlock it with \`qm unlock ID\` on that node, then run it again. |
| VM … was created, but is not running | The VM exists. Start it (*Virtual Machine → Start*) or delete it before you run the workflow again. |
| … has the lock of a VM that is being created | A create failed there. If no task is running for it: \`qm unlock ID && qm destroy ID\` on that node. |

A workflow that may run twice for the same VM (a webhook that is delivered again, n8n's *Retry On Fail*) should set an
*Idempotency Key* and *If VM Exists → Return Existing VM*: then there is one VM, no matter how often it runs.

## How a lost response is resolved, operation by operation

A response is lost if the connection breaks, if it does not arrive in time, or if a proxy responds instead of Proxmox VE: Proxmox VE
responds with a JSON object that has \`data\`, or only with its own reason phrase. Anything else (an HTML page,
a bare *500 Internal Server Error*) says nothing about the request, whatever its status code. The same applies to a response that names the
task of another VM, node or type.

Other n8n workers, other tools and people can use the same token and request the same VM ID at the same time. Their task looks
like ours: same user, same VM ID, same second. So a task is never proof. The following is:

### Create

- **The random UUID.** If you set no *System UUID*, the node sends a random one: \`smbios1=uuid=…\`. Proxmox
  VE would generate one anyway if no field of \`smbios1\` is set, so the VM is the same as without it. *Preview* shows it as \`uuid=RANDOM_UUID\`, since each request
  has a different one. It needs VM.Config.HWType: without this privilege, the first request is rejected, and the VM is then created without the UUID.
- After a lost response the node reads the configuration of the VM. If it has our UUID, it is our VM, and the newest create task of this ID is its task.
  If it has another UUID, the ID belongs to someone else, and the next ID is used (or, with a fixed ID, the error says so). If there is no VM,
  the request is sent again with the same ID. This cannot create a second VM, because the first request to arrive takes the ID.
- Until a create has finished, the configuration shows only \`lock: create\`. So the node waits for the task that uses
  this ID, ours or not, for at most *Timeout*, and then reads it. If that task fails and leaves nothing, the ID is free
  again, and the request is sent again.
- Without the random UUID (your own *System UUID*, or a token without VM.Config.HWType), the VM is recognized by the MAC address of its first network
  card for which you set none: the node sends a random one, as Proxmox VE would generate it. Without such a card, a VM with another name belongs to someone
  else. If the VM could be ours, the outcome is unknown, unless its notes contain the *Idempotency Key*.
- *Import* keeps the UUID and the MAC addresses of a VM of an ESXi host, so there the outcome is unknown without an *Idempotency Key*. An OVA has neither.
- If the configuration may not be read (VM.Audit), the outcome is unknown too.

### Restore

- A restored VM has the identity of its backup, so it can be recognized only by an *Idempotency Key* in its notes. With a key, the
  VM that has it is returned.
- **With a new ID**, the request is sent again if there is no VM, which is safe as with a create. If there is a VM, it may belong
  to the lost request or to another one: the outcome is unknown.
- **With *Overwrite***, nothing prevents a second restore, so the request is sent only once, and after a lost response the outcome is unknown.

### Clone

- Proxmox VE gives a clone a new UUID, and its ID is taken only by its task, so a second request could create a second clone. The request is
  sent only once. If the new ID has a VM with another name, the VM belongs to someone else, and the next free ID is used. In all other cases the
  outcome is unknown, and the error names the tasks whose log says that they create a clone with this ID.
- A clone whose task fails because it did not get a lock has changed nothing. It is sent again within *Timeout*, so clones of the same running VM take turns.

### Responses that say that no task was started

Proxmox VE responds \`got no worker upid - start worker failed\` under high load. No task is running. A create has already taken its ID and
leaves an empty VM with \`lock: create\`: with *Next Free ID* the next ID is used, and a warning in the output names what is left; with a
fixed ID the error names it. A restore with *Overwrite* leaves the VM unchanged but locked. A clone leaves nothing and is sent again.

### Cancelled executions

With *Stop Task on Cancel*, the task of a running request is stopped as soon as its UPID arrives. If that response is lost
too, the tasks that may belong to the request are logged when they are seen. None of them is stopped, since it may belong to another worker.

## Idempotency keys

With an *Idempotency Key* there is one VM per key, no matter how often and by how many n8n processes it is requested. The notes of the VM
contain a mark, \`<!-- n8n-key:… -->\`, which Proxmox VE does not show. **Do not remove this line from the notes,
and do not copy it to another VM**: without it, the next call creates a second VM; with two of them, the node cannot decide which
VM is meant, and fails. *Virtual Machine → Update* keeps the mark when it changes the notes. A clone, and a restore without a key,
copy it with the notes: remove it there if the copy is in the same range of VM IDs.

**Which VMs are checked.** Each key has up to 200 VM IDs in the range (100000-999999 unless *Lowest VM ID* and *Highest VM ID* set
another one), always the same IDs in the same order. Before the first POST the node asks the cluster once which IDs are in
use, reads the notes of each VM that has one of the key's IDs, and then tries only free IDs, in the key's order. So the VM is
found even if an earlier ID has become free since. The items of one execution share these results. A range of up to 200 IDs can be
filled completely; in a larger range, a key fails when all its 200 IDs are in use.
With a fixed ID only the VM with that ID is checked, also before a restore that overwrites it: a second delivery returns the
VM, and neither stops nor overwrites it again.

| What is found | What the node does |
| --- | --- |
| The mark of this key | *If VM Exists → Return Existing VM* returns the VM, \`reused: true\`. *Fail* and *Use Another Free ID* fail, because another ID would create a second VM for the key |
| A complete VM without the mark, or a container | It does not belong to the key: the next ID is tried; with a fixed ID the item fails |
| An incomplete VM: lock \`create\`, or only a memory size | It may belong to the key: the node waits until it is complete, for at most *Timeout*, and then checks it. If no task is running for it any more (checking this needs \`Sys.Audit\` on the node), it is skipped |
| 403 | The item fails, names \`VM.Audit\`, and creates nothing, because the VM may belong to the key. A VM joins its pool only at the end of its task; a token with privileges only on that pool waits for that while a task of the VM is running, and 15 s if no task is found |
| No response, or a temporary error | It is read again for 30 s. Then the item fails: it is unknown whether there is such a VM, and nothing is created |

Two calls at the same time request the same ID, and Proxmox VE gives it to one of them; the other one checks again. Two cases
remain in which a second VM can be created: a VM of someone else has one of the key's earlier IDs and is deleted between the checks of two calls within
the same tenth of a second, or four such VMs are deleted while the key's VM is being created.

**What a key does not protect against.** The mark is a hash of the key, without a secret. A user who can create VMs or change
notes, and who can guess a key such as an order number, can put its mark on another VM, which *Return Existing VM* then returns.
If you do not trust such users, use keys that cannot be guessed. An empty key, or one that is not text or a number, is rejected
before anything is sent; so are notes that leave no space for the mark, which takes 51 of the 8,192 characters.

## Stop First, and Clean Up After Failed Restore

- *Stop First* of Restore and Delete stops a VM when it is the item's turn (*Max Parallel*), right before its request, and only after
  everything that can be checked was checked: the VM exists, is neither protected nor locked, and may be overwritten or
  deleted; the backup can be read; the pool and the storages exist and can be used. If the request is rejected nevertheless,
  the VM is started again, and the error names both tasks. If its outcome is unknown, or its task fails, the VM stays off.
- *Clean Up After Failed Restore* deletes only what a failed restore leaves: a VM with only a lock or a memory size, with an ID
  that was free right before, if the task list of the node shows the restore and no later task of this ID. It needs
  \`Sys.Audit\` on the node to see all tasks. Otherwise nothing is deleted, and the error says why.

${EXISTING_VMS}
In the tables below, \`UPID:…\` is short for the whole UPID, and lines of task logs are left out. *POSTs* are the create or restore requests
that reached the host.
`;

/** How the node changes existing VMs; tested by test/runtime/lostChange.test.ts and test/guests/changeConfig.test.ts. */
const EXISTING_VMS = `## Changes of a VM that exists

### How a lost response is resolved, operation by operation

A task of the same user or token, type and VM proves nothing: another n8n worker, another tool or an
administrator in the web page may have started it. So the node compares the VM itself. If the VM is in the requested
state, the item succeeds with \`upid: null\`, the status \`warnings\` and a warning that names the tasks that may belong to the
request. If it cannot decide, the item fails, reports the outcome as unknown, and names those tasks.

| Operation | What is compared | Sent again? |
| --- | --- | --- |
| Update | Every request contains the digest of the configuration that was read, so Proxmox VE executes at most one request per digest. If the configuration is unchanged, the request was not executed yet. If it has changed and has every value that was sent, the request succeeded. Added devices, new disks and passwords cannot be recognized by their values: the outcome is unknown if a task of the same user or token may have added them. | Yes, with the same digest. With a new digest only if repeating it changes nothing more. |
| Resize Disk | The digest as above, and the size. With a new size (\`40G\`): if the disk has it, the request succeeded. With an increase (\`+10G\`): if the disk has grown by less, the request was not executed; if it has grown by that much or more, another worker may have done it, so the outcome is unknown. Two workers that each add 10G and both succeed have added 20G. | As above. |
| Start, Stop, Shutdown | The state of the VM: running, or stopped. | No. |
| Reboot | Whether the process of the VM has changed since before the request. | No. |
| Convert to Template | Whether the VM is a template and no conversion is running. | No. |
| Delete | Whether no node has a VM with this ID. | No: the ID may belong to a new VM by then. |
| Update: Resource Pool | Whether the cluster's list shows the VM in the pool, or in none. | No. |
| Backup: Create, Create Many | Nothing: a backup does not show which request created it. | No. |
| Backup: Update | Whether the backup has the notes and the protection. | No. |
| Backup: Prune | Whether all backups that were to be removed are gone. | No. |
| Backup: Delete | Whether the storage can be read and no longer lists the backup. | No. |

### What is sent again after an error response

- \`got no worker upid - start worker failed\`: Proxmox VE could not start the task, and nothing was done.
- \`can't lock file '…/lock-100.conf' - got timeout\`, from a request or as the exit status of its task: such a task first
  requests the lock of the VM, so nothing was changed. Proxmox VE itself holds it for 30 seconds when a VM is
  started and stopped within seconds. If the item waits for completion, Start, Stop, Shutdown, Reboot, Update, Resize Disk, Convert to Template, Delete and
  Backup are repeated with growing pauses until *Timeout*. Other lock errors can occur
  after something was changed, so the item fails.
- \`checksum mismatch\`: someone else changed the VM after it was read and before the change. Update and Resize Disk read it
  again and repeat the change, at most 12 times, unless *Config Digest* is set. Items of one execution that change the same VM
  take turns.

### Good to know

- Starting a running VM succeeds with \`alreadyRunning: true\` and \`upid: null\`. Starting a paused or halted VM
  fails.
- The notes of a VM with an *Idempotency Key* end with a comment, \`<!-- n8n-key:… -->\`, which Proxmox VE does not show.
  **Do not delete it** in Proxmox VE or with another tool: the same key would create a second VM. *Update* keeps it, also
  when it changes or removes the description.
- A disk for a slot that is in use is rejected unless *Replace Disk in Use* is on: the disk in the slot would become an
  unused disk.
- \`VM is locked (backup)\`, or \`create\`, \`migrate\` …: the word names the type of task. If no task is running for the VM, the lock
  was left by a killed task; \`qm unlock ID\` on its node removes it. After a killed create, run \`qm destroy ID\` too.
- Delete with *Destroy Unreferenced Disks* needs all storages of the node. If one is offline, the disks of the VM are
  deleted and its configuration stays: delete the VM again without that option.
`;
