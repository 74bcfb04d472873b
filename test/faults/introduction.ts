/** The part of docs/reliability.md before its tables. @param cases how many faults are played */
export const introduction = (cases: number): string => `# When something goes wrong

What Create and Restore do when hosts, proxies, locks and tasks fail, and what you see then.
The tables below are written by \`test/faults.test.ts\`, which plays each of these ${cases} faults on n8n's engine against an emulated
Proxmox VE (with an API token, and with user and password), and fails where the node behaves in another way than this page says.

## How the node behaves

- **One VM for one item.** A request that may have been handled is never simply repeated. When its answer is lost, the node
  looks for the task of this very request (same VM ID, same user or token, begun since, by the clock of Proxmox VE, and
  not the task of another request) and goes on with it. Where there is none, it sends the same VM ID again, which
  Proxmox VE accepts only once. A restore that overwrites a VM is never sent twice.
- **An ID that another has taken** is replaced by the next one, where you asked for the next free one: four n8n processes
  that make 50 VMs each at the same moment make 200 (\`test/parallel.processes.test.ts\`). A fixed VM ID never is, unless
  *If VM Exists* says so.
- **The UPID is never lost** once Proxmox VE has given it: it is in the output, in the error and its details (also on the
  error output), and in n8n's log from the moment on in which it was known.
- **The wait outlives what passes:** broken connections, hosts and proxies that do not answer, refused logins. It ends with
  the task, with the timeout, or with the execution. The task goes on in Proxmox VE whatever the node does; only
  *Stop Task on Cancel* stops it.
- **Done means done.** Where a start was asked for, the node waits until the VM runs. Warnings are a success, and are put out.
- **Locks** of others are waited for, as long as nothing was left behind.

## How to go on after an error

| The error says | What to do |
| --- | --- |
| nothing was sent, or Proxmox VE refused it | Correct what it names and run it again. Nothing was made. |
| a task with its UPID | The VM may be there. The error says what is left of it. |
| it was still running after … | The task goes on. Use *Task → Wait* with the UPID, or raise *Timeout*. |
| its answer was lost | Look at the node's task log. If the VM is there, it is yours; if not, run it again. |
| VM … was made, but does not run | The VM is there. Start it (*Virtual Machine → Start*) or delete it before you run the workflow again. |
| … with the lock of one in the making | A create died there. If no task is at work on it: \`qm unlock ID && qm destroy ID\` on that node. |

A workflow that may run twice for the same thing (a webhook that is delivered again, n8n's *Retry On Fail*) should set an
*Idempotency Key* and *If VM Exists → Return It*: then there is one VM however often it runs. It is also the only way
to tell two requests apart that several n8n workers send with one token for one VM ID in the same second, if the answer to
one of them is lost.

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
  again and fit the change into it, 12 times at most, unless *Only if Unchanged* is set. The items of one run take turns
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
