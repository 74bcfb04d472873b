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
- **The wait outlives what passes:** broken connections, hosts and proxies that do not answer, and for some minutes refused
  logins. It ends with the task, with the timeout, or with the execution. The task goes on in Proxmox VE whatever the node
  does; only *Stop Task on Cancel* stops it. A VM that moves to another node meanwhile is found there.
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
| its answer was lost | Look at the node's task log. If the VM is there, it is yours; if not, run it again. |
| VM … was made, but does not run | The VM is there. Start it (*Virtual Machine → Start*) or delete it before you run the workflow again. |
| … with the lock of one in the making | A create died there. If no task is at work on it: \`qm unlock ID && qm destroy ID\` on that node. |

A workflow that may run twice for the same thing (a webhook that is delivered again, n8n's *Retry On Fail*) should set an
*Idempotency Key* and *If VM Exists → Return It*: then there is one VM however often it runs. It is also the only way
to tell two requests apart that several n8n workers send with one token for one VM ID in the same second, if the answer to
one of them is lost.

What stands below as \`UPID:…\` is the whole UPID; lines of a task's log are left out. *POSTs* are the requests to make the VM
that reached the host.
`;
