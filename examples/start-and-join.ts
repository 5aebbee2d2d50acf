/** One child, three at the same time, three one after another: what runs when is told by join(), and by nothing else. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { Barrier, currentProcess, isMainProcess, Process, Queue } from 'procloom';

export async function task(ms: number, said: Queue<string>, together?: Barrier): Promise<void> {
  const { name } = currentProcess();
  await said.put(`${name} begins`);
  // Nobody passes before all have come: this ends only if they do run at the same time.
  await together?.wait();
  await sleep(ms);
  await said.put(`${name} ends`);
}

async function timed(what: string, work: () => Promise<void>): Promise<void> {
  const begin = performance.now();
  await work();
  console.log(`${what}: ${Math.round(performance.now() - begin)} ms`);
}

if (isMainProcess()) {
  const said = new Queue<string>();
  const all = () => Array.from({ length: said.qsize() }, () => said.getNowait());
  const tasks = [1, 2, 3].map((n) => ({ name: `task ${n}`, ms: n * 30 }));

  await timed('one child', async () => {
    const child = new Process({ target: task, args: [30, said], name: 'child' });
    child.start();
    await child.join();
    await said.put('main');
    assert.deepEqual(all(), ['child begins', 'child ends', 'main']);
  });

  await timed('three at the same time', async () => {
    const together = new Barrier(tasks.length);
    const children = tasks.map(({ name, ms }) => new Process({ target: task, args: [ms, said, together], name }));
    for (const child of children) child.start();
    // In whatever order they end: who has ended already is not waited for.
    for (const child of children) assert.equal(await child.join(), 0);
    const lines = all();
    console.log(lines);
    const begun = lines.slice(0, 3);
    // The system may begin them in another order than they were started in.
    assert.deepEqual([...begun].sort(), ['task 1 begins', 'task 2 begins', 'task 3 begins']);
    assert(lines.slice(3).every((line) => line.endsWith('ends')));
  });

  await timed('one after another', async () => {
    for (const { name, ms } of tasks) {
      const child = new Process({ target: task, args: [ms, said], name }).start();
      await child.join();
    }
    assert.deepEqual(
      all(),
      tasks.flatMap(({ name }) => [`${name} begins`, `${name} ends`]),
    );
  });

  // join() waits for what was started, not for what run() does here.
  const here = new Process({ target: task, args: [1, said] });
  await here.run();
  assert.deepEqual(all(), ['MainProcess begins', 'MainProcess ends']);
  await assert.rejects(here.join(), /was not started/);

  // A time may be set to the wait; the child goes on.
  const slow = new Process({ target: task, args: [500, said], name: 'slow' }).start();
  assert.equal(await slow.join({ timeout: 5 }), null);
  assert.equal(await slow.join(), 0);
}
