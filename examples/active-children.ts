/** Several tasks at once: how many processors there are for them, and which of them still run. */
import assert from 'node:assert/strict';

import { activeChildren, cpuCount, Event, isMainProcess, Process } from 'procloom';

export async function task(end: Event): Promise<void> {
  await end.wait();
}

if (isMainProcess()) {
  const names = ['task 1', 'task 2', 'task 3'];
  const ends = names.map(() => new Event());
  console.log(`${cpuCount()} processors may be used`);
  assert(Number.isInteger(cpuCount()) && cpuCount() >= 1);
  assert.deepEqual(activeChildren(), []);

  const children = names.map((name, i) => new Process({ target: task, args: [ends[i]!], name }).start());
  for (const { name, pid } of activeChildren()) console.log(`${name} is process ${pid}`);
  assert.deepEqual(activeChildren(), children);

  // The last one first.
  for (let left = names.length; left > 0; left--) {
    ends[left - 1]!.set();
    assert.equal(await children[left - 1]!.join(), 0);
    const active = activeChildren().map(({ name }) => name);
    console.log(`active: ${active.join(', ') || 'none'}`);
    assert.deepEqual(active, names.slice(0, left - 1));
  }
}
