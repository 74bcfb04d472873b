/** The part of docs/reliability.md before its tables. @param cases how many faults are played */
export const introduction = (cases: number): string => `# When something goes wrong

What Create and Restore do when hosts, proxies, locks and tasks fail, and what you see then.
The tables below are written by \`test/reliability/faults.test.ts\`, which plays each of these ${cases} faults on n8n's engine against an emulated
Proxmox VE (with an API token, and with user and password), and fails where the node behaves in another way than this page says.

## How the node behaves

- **One VM for one item.** A request that may have been handled is never simply repeated. When its response is lost, the
  node finds out whose VM it is before it goes on (see below), or says that the outcome is unknown. It never takes the VM
  or the task of another request for its own, and no clock decides anything.
- **An ID that another has taken** is replaced by the next one, where you asked for the next free one: four n8n processes
  that make 50 VMs each at the same moment make 200 (\`test/parallel.processes.test.ts\`). A fixed VM ID never is, unless
  *If VM Exists* says so.
- **The UPID is never lost** once Proxmox VE has given it: it is in the output, in the error and its details (also on the
  error output), and in n8n's log from the moment on in which it was known.
- **The wait outlives what passes:** broken connections, hosts and proxies that do not answer, and for some minutes refused
  logins. It ends with the task, with the timeout, or with the execution. The task goes on in Proxmox VE whatever the node
  does; only *Stop Task on Cancel* stops it. A VM that moves to another node meanwhile is found there. A request that is
  under way when the execution is cancelled is still finished, so that its UPID gets into the log; no new one is sent then.
- **A refused login is tried four times**, with pauses of 5 s, 30 s and 3 min, by all items of an execution together, so
  that no account is locked. Then the wait ends with an error that has the UPID. If the first request of an execution is
  refused, no other is sent.
- **A timeout holds for the whole response:** one that comes a byte a second counts as none. A change of n8n's clock
  neither ends a wait nor prolongs it.
- **IP addresses** are those of the VM's own network cards, by their MAC: *Wait for IP Addresses* waits for each card that
  is connected, and names those that had no address in the end. Only what is an IP address goes out: the guest decides
  what its agent reports.
- **Done means done.** Where a start was asked for, the node waits until the VM runs. Warnings are a success, and are put out.
- **Locks** of others are waited for, as long as nothing was left behind.

## How to go on after an error

| The error says | What to do |
| --- | --- |
| nothing was sent, or Proxmox VE refused it | Correct what it names and run it again. Nothing was made. |
| a task with its UPID | The VM may be there. The error says what is left of it. |
| it was still running after … | The task goes on. Use *Task → Wait* with the UPID, or raise *Timeout*. |
| its answer was lost | The outcome is unknown. The error names VM ID, node, and the tasks that may be its own. Look at the VM and at these tasks before you run it again. |
| … was not changed, but is left locked | No task works on it. Unlock it with \`qm unlock ID\` on that node, then run it again. |
| VM … was made, but does not run | The VM is there. Start it (*Virtual Machine → Start*) or delete it before you run the workflow again. |
| … with the lock of one that is being created | A create died there. If no task is at work on it: \`qm unlock ID && qm destroy ID\` on that node. |

A workflow that may run twice for the same thing (a webhook that is delivered again, n8n's *Retry On Fail*) should set an
*Idempotency Key* and *If VM Exists → Return Existing VM*: then there is one VM however often it runs.

## How a lost answer is resolved, operation by operation

An answer is lost when the connection breaks, when none comes in time, or when a proxy answers in place of Proxmox VE: Proxmox VE
answers with a JSON object that has \`data\`, or with nothing but its own words as reason phrase. Anything else (an HTML page,
a bare *500 Internal Server Error*) says nothing about the request, whatever its status is. Neither does an answer that names the
task of another VM, node or type.

Other n8n workers, other tools and people may use the same token and ask for the same VM ID at the same moment. Their task looks
like ours: same user, same VM ID, same second. So a task is never taken as proof. What is:

### Create

- **The mark.** Where you set no \`smbios1\` (*System UUID* and its neighbours), the node sends a random one: \`smbios1=uuid=…\`. Proxmox
  VE makes one up anyway, so the VM is the same as without it. *Preview* shows it as \`uuid=RANDOM_UUID\`, since each request
  has another one. It needs VM.Config.HWType: a token without that is refused once, and then creates VMs without a mark.
- After a lost answer the node reads the VM's config. Our uuid: it is our VM, and the newest create of this ID is its task.
  Another uuid: the ID belongs to somebody else, and the next one is taken (or, with a fixed ID, the error says so). No VM:
  the same ID is sent again, which cannot make a second VM, because the first request to arrive takes the ID.
- Until a create has ended its config shows nothing but \`lock: create\`. So the node waits for the task that is at work on
  this ID, ours or not, at most for *Timeout*, and looks then. If that task fails and leaves nothing, the ID is free
  again, and the request is sent again.
- Without a mark (your own \`smbios1\`, or a token without VM.Config.HWType) a VM of another name is certainly somebody else's. A VM
  that could be ours makes the outcome unknown, unless an *Idempotency Key* shows in its notes.
- A config that may not be read (VM.Audit) makes the outcome unknown, too.

### Restore

- A restored VM has the identity of its backup, so there is no mark but that of an *Idempotency Key* in its notes. With a key, the
  VM that carries it is returned.
- **Under a new ID** the request is sent again if there is no VM, which is safe as with a create. If there is one by then, it may be that
  of the lost request or of another one: the outcome is unknown.
- **Over a VM** (*Overwrite*) nothing guards against a second restore, so it is sent once, and a lost answer makes the outcome unknown.

### Clone

- Proxmox VE gives a clone a new uuid, and its ID is taken only in its task, so that a second request could make a second clone. It is
  sent once. A VM of another name under the new ID is somebody else's, and the next free ID is taken; in all other cases the
  outcome is unknown, and the error names the tasks that say in their log that they make a clone with this ID.
- A clone whose task fails for want of a lock changed nothing and is sent again, within *Timeout*: clones of one VM that runs take turns.

### Answers that say that no task was started

\`got no worker upid - start worker failed\` comes when Proxmox VE has much to do. No task runs. A create has taken its ID by then and
leaves an empty VM with \`lock: create\`: with *Next Free ID* the next one is taken, and a warning in the output names what is left; with a
fixed ID the error does. A restore with *Overwrite* leaves the VM as it was, but locked. A clone leaves nothing and is sent again.

### Cancelled executions

With *Stop Task on Cancel* the task of a request that was under way is stopped as soon as its UPID arrives. If that answer is lost as
well, the tasks that may be its own are in the log once they are seen; none of them is stopped, since it may be another worker's.

## Idempotency keys

With an *Idempotency Key* there is one VM for a key, however often and from how many n8n processes it is asked for. The VM
carries a mark in its notes, \`<!-- n8n-key:… -->\`, which Proxmox VE does not show. **Do not remove this line from the notes,
and do not copy it to another VM**: without it the next call creates a second VM; with two of them the node cannot tell which
is meant, and says so. *Virtual Machine → Update* keeps it when it changes the notes. A clone, and a restore without a key,
copy it with the notes: remove it there if the copy is in the same range of VM IDs.

**What is looked at.** Each key has up to 200 VM IDs in the range (100000-999999 unless *Lowest VM ID* and *Highest VM ID* name
another one), always the same ones in the same order. Before the first POST the node asks the cluster once which IDs are in
use, reads the notes of each VM that has one of the key's IDs, and then tries only free ones, in the key's order. So the VM is
found although an earlier ID has become free since. The items of one run share what they read. A range of up to 200 IDs can be
filled to the last one; in a larger one a key fails when all its 200 IDs are in use.
With a fixed ID only the VM under that ID is looked at, before a restore that overwrites it too: a second delivery returns the
VM, and neither stops nor overwrites it again.

| What the look finds | What the node does |
| --- | --- |
| The mark of this key | *If VM Exists → Return Existing VM* returns the VM, \`existing: true\`. *Fail* and *Use Another Free ID* fail: another ID would be a second VM for the key |
| A complete VM without the mark, or a container | It is not the key's: the next ID is tried; with a fixed ID the item fails |
| An incomplete VM: lock \`create\`, or nothing but a memory size | It may become the key's: the node waits until it is complete, whoever creates it, up to *Timeout*, and then looks. One that no task works on any more, which needs \`Sys.Audit\` on the node to be seen, is passed over |
| 403 | The item fails, names \`VM.Audit\`, and creates nothing: the VM may be the key's. A VM joins its pool only at the end of its task; a token with rights on that pool only waits for that while a task of the VM is seen, and 15 s if none is |
| No response, or an error that passes | It is read again for 30 s. Then the item fails: whether there is such a VM is unknown, and nothing is created |

Two calls at the same moment ask for the same ID, and Proxmox VE gives it to one of them; the other one looks again. What is
left is this: a VM of somebody else that has one of the key's earlier IDs and is deleted between the looks of two calls within
the same tenth of a second, or four such VMs that are deleted while the key's VM is being created.

**What a key does not protect against.** The mark is a hash of the key, without a secret. A user who may create VMs or change
notes, and who can guess a key such as an order number, can put its mark on a VM of theirs, which *Return Existing VM* then returns.
Use keys that cannot be guessed where such users are not trusted. A key that is empty, or is no text or number, is refused
before anything is sent; so are notes that leave no room for the mark: it takes 51 of the 8,192 characters.

## Stop First, and Clean Up After Failed Restore

- *Stop First* of Restore and Delete stops a VM in the item's own turn (*Max Parallel*), right before its request, and only after
  everything that can be checked was checked: the VM is there, is neither protected nor locked, and may be overwritten or
  deleted; the backup can be read; the pool and the storages are there and can be used. If the request is refused all the same,
  the VM is started again, and the error gives both tasks. If its outcome is unknown, or its task fails, the VM stays off.
- *Clean Up After Failed Restore* deletes only what a failed restore leaves: a VM with nothing but a lock or a memory size, under an ID
  that was free right before, while the node's task list shows the restore and no later task of this ID. To see the tasks of
  others it needs \`Sys.Audit\` on the node. Otherwise what is there stays, and the error says why.

${EXISTING_VMS}
What stands below as \`UPID:…\` is the whole UPID; lines of a task's log are left out. *POSTs* are the requests to make the VM
that reached the host.
`;

/** What the node does about what changes a VM that is there; test/lostAnswers.test.ts and test/virtualMachine.change.test.ts hold it. */
const EXISTING_VMS = `## Changes of a VM that exists

### How a lost response is resolved, operation by operation

A task of the same user or token, of the same type and VM, proves nothing: another n8n worker, another tool or an
administrator in the web page may have started it. So the node compares the VM itself. Where it finds that what was asked
for is so, the item succeeds with \`upid: null\`, the status \`warnings\` and a warning that names the tasks which may be the
one. Where it cannot tell, the item fails with *whether it was carried out is unknown*, and names those tasks.

| Operation | What is compared | Sent again? |
| --- | --- | --- |
| Update | The digest of the configuration that was read goes with every request, so of all requests with one digest Proxmox VE carries out one at most. The configuration is still the same: the request was not carried out yet. It is another one and has every value that was sent: done. Added devices, new disks and passwords cannot be recognized by their values: unknown, if a task of the same user or token may have made them. | Yes, with the same digest. With a new one only where a second time changes nothing more. |
| Resize Disk | Its digest as above, and the size. A size to reach (\`40G\`) that is reached: done. An amount to add (\`+10G\`) and a disk that has grown by less: not carried out. One that has grown by that much or more: another worker may have done it, so unknown. Two workers that each add 10G and both succeed have added 20G. | As above. |
| Start, Stop, Shutdown | The state of the VM: running, or stopped. | No. |
| Reboot | The process of the VM is another one than before the request. | No. |
| Convert to Template | The VM is a template, and no conversion of it runs. | No. |
| Delete | There is no VM of this ID on any node. | No: the ID may belong to a new VM by then. |
| Backup: Create | Nothing: no backup tells which request made it. | No. |
| Backup: Delete | The storage can be read, and no longer lists the backup. | No. |

### What is sent again though nothing was lost

- \`got no worker upid - start worker failed\`: Proxmox VE could not start the task, and nothing was done.
- \`can't lock file '…/lock-100.conf' - got timeout\`, from a request or as the end of its task: the lock of the VM is the
  first thing that such a task asks for, so nothing was changed. Proxmox VE itself holds it for 30 seconds when a VM is
  started and stopped within seconds. Start, Stop, Shutdown, Reboot, Update, Resize Disk, Convert to Template, Delete and
  Backup are started again with growing pauses until *Timeout*, where the item waits for completion. Other locks may come
  after something was changed, and end the item.
- \`checksum mismatch\`: somebody else changed the VM between the look at it and the change. Update and Resize Disk look
  again and fit the change into it, 12 times at most, unless *Config Digest* is set. The items of one run take turns
  by VM.

### Good to know

- Start of a VM that runs is a success with \`alreadyRunning: true\` and \`upid: null\`. A VM that is paused or halted is
  an error that says so.
- The notes of a VM with an *Idempotency Key* end with a comment, \`<!-- n8n-key:… -->\`, which Proxmox VE does not show.
  **Do not delete it** in Proxmox VE or with another tool: the same key would make a second VM. *Update* keeps it, also
  where it changes or removes the description.
- A disk for a slot that another disk has is refused unless *Replace Disk in Use* is on: the other one would become an
  unused disk.
- \`VM is locked (backup)\`, or \`create\`, \`migrate\` …: the word names the work. If no task is at work on the VM, the lock
  was left by one that was killed; \`qm unlock ID\` on its node removes it. After a killed create, \`qm destroy ID\` as well.
- Delete with *Destroy Unreferenced Disks* needs all storages of the node. Where one is offline, the disks of the VM are
  deleted and its configuration stays: delete it again without that option.
`;
