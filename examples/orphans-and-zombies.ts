/** Children whose parent never asks for them, and children whose parent is gone: neither zombies nor lost. */
import assert from 'node:assert/strict';

import { type Connection, EOFError, isMainProcess, parentProcess, Pipe, Process } from 'procloom';

export function nothing(): void {}

export async function outliveParent(to: Connection): Promise<void> {
  const parent = parentProcess()!;
  await to.send(parent.isAlive());
  await parent.join();
  await to.send(parent.isAlive());
}

export async function dieWithoutWarning(to: Connection, ready: Connection): Promise<void> {
  new Process({ target: outliveParent, args: [to] }).start();
  await ready.recv();
  process.kill(process.pid, 'SIGKILL');
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

if (isMainProcess()) {
  // A zombie is a process that has ended and whose exit code nobody has fetched. Node fetches it, joined or not.
  const unjoined = new Process({ target: nothing }).start();
  assert(exists(unjoined.pid!));
  await unjoined.sentinel;
  assert(!exists(unjoined.pid!));
  assert.equal(unjoined.exitcode, 0);
  console.log('no zombie is left of a child that nobody joined');

  // An orphan goes on if it is no daemon, and may look after its parent.
  const [ours, theirs] = Pipe();
  const [go, ready] = Pipe();
  const parent = new Process({ target: dieWithoutWarning, args: [theirs, ready] }).start();
  for (const end of [theirs, ready]) end.close();
  assert.equal(await ours.recv(), true);
  await go.send('die');
  assert.equal(await parent.join(), -9);
  assert.equal(await ours.recv(), false);
  console.log('the orphan has seen the end of its parent');
  // Nobody can join it now; the end of what it held tells of its own.
  await assert.rejects(ours.recv(), EOFError);
  for (const end of [ours, go]) end.close();
}
