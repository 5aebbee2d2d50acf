/** What a process knows of itself and of others: its arguments, its name, numbers, key, parent, and how it ended. */
import assert from 'node:assert/strict';

import { currentProcess, isMainProcess, parentProcess, Pipe, Process, type Connection, StateError } from 'procloom';

interface About {
  args: [string, number];
  age: number;
  name: string;
  pid: number;
  ppid: number;
  parent: string;
  daemon: boolean;
  authkey: string;
}

export async function tell(to: Connection, text: string, n: number, { age }: { age: number }): Promise<void> {
  const self = currentProcess();
  const about: About = {
    args: [text, n],
    age,
    name: self.name,
    pid: process.pid,
    ppid: process.ppid,
    parent: parentProcess()!.name,
    daemon: self.daemon,
    authkey: self.authkey.toString('hex'),
  };
  assert.equal(self.pid, process.pid);
  assert.equal(parentProcess()!.pid, process.ppid);
  assert(parentProcess()!.isAlive());
  await to.send(about);
  await to.recv();
  process.exitCode = 3;
}

if (isMainProcess()) {
  const main = currentProcess();
  assert.deepEqual([main.name, main.pid, main.isAlive()], ['MainProcess', process.pid, true]);
  assert.equal(parentProcess(), null);

  const [ours, theirs] = Pipe();
  // Keywords arrive as one last argument.
  const child = new Process({ target: tell, args: [theirs, 'hello', 12], kwargs: { age: 18 }, name: 'egon' });
  assert.deepEqual([child.pid, child.exitcode, child.isAlive()], [undefined, null, false]);
  assert.equal(child.daemon, false);
  child.start();
  theirs.close();
  assert.deepEqual([child.pid !== undefined, child.exitcode, child.isAlive()], [true, null, true]);
  assert.throws(() => (child.daemon = true), StateError);

  const about = await ours.recv<About>();
  console.log({ ...about, authkey: `${about.authkey.slice(0, 8)}…` });
  assert.deepEqual(about, {
    args: ['hello', 12],
    age: 18,
    name: 'egon',
    pid: child.pid,
    ppid: process.pid,
    parent: 'MainProcess',
    daemon: false,
    // 32 random bytes of the main process, by which all of its family know each other.
    authkey: main.authkey.toString('hex'),
  });
  assert.equal(main.authkey.length, 32);

  await ours.send('go on');
  assert.equal(await child.join(), 3);
  assert.deepEqual([child.exitcode, child.isAlive()], [3, false]);
  ours.close();

  // Without a name they are numbered.
  const [first, second] = [new Process(), new Process()];
  console.log(first.name, second.name);
  assert.match(first.name, /^Process-\d+$/);
  assert.notEqual(first.name, second.name);
}
