/** The part of docs/reliability.md before its tables. @param cases how many faults are played */
export const introduction = (cases: number): string => `# When something goes wrong

What Create and Restore do when hosts, proxies, locks and tasks fail, and what you see then.
The tables below are written by \`test/faults.test.ts\`, which plays each of these ${cases} faults on n8n's engine against an emulated
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
- **The wait outlives what passes:** broken connections, hosts and proxies that do not answer, refused logins. It ends with
  the task, with the timeout, or with the execution. The task goes on in Proxmox VE whatever the node does; only
  *Stop Task on Cancel* stops it. A request that is under way when the execution is cancelled is still finished, so
  that its UPID gets into the log; no new one is sent then.
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
*Idempotency Key* and *If VM Exists → Return It*: then there is one VM however often it runs.

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

What stands below as \`UPID:…\` is the whole UPID; lines of a task's log are left out. *POSTs* are the requests to make the VM
that reached the host.
`;
