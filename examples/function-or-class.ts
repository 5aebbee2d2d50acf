/** The two ways to say what a child does: a function with its arguments, or a class with run(). */
import assert from 'node:assert/strict';

import { currentProcess, isMainProcess, Process, Queue } from 'procloom';

interface Task {
  said: Queue<string>;
  x: string;
}

export async function task(said: Queue<string>, x: string): Promise<void> {
  await said.put(`${x}: ${currentProcess().name}`);
}

export const taskOf = ({ said, x }: Task) => task(said, x);

export class MyProcess extends Process {
  readonly said: Queue<string>;
  readonly x: string;

  constructor(said: Queue<string>, x: string) {
    super();
    this.said = said;
    this.x = x;
  }

  override run(): Promise<void> {
    return task(this.said, this.x);
  }
}

if (isMainProcess()) {
  const said = new Queue<string>();
  const x = 'said by the child';
  const children = [
    new Process({ target: task, args: [said, x], name: 'function with arguments' }),
    new Process({ target: taskOf, kwargs: { said, x }, name: 'function with keywords' }),
    new MyProcess(said, x),
    new Process({ target: './function-or-class.js#task', args: [said, x], name: 'function by its name' }),
  ];
  for (const child of children) {
    child.start();
    // Mostly first, for a child takes some time to start; nobody promises it before join().
    await said.put('said by main');
    assert.equal(await child.join(), 0);
    const lines = [await said.get(), await said.get()];
    console.log(lines);
    assert.deepEqual(lines.sort(), ['said by main', `${x}: ${child.name}`]);
    assert(said.empty());
  }
  assert.match(children[2]!.name, /^MyProcess-\d+$/);
}
