// What is of threads alone; what they have in common with processes is in life-cycle.test.ts.
import { describe, expect, test } from 'vitest';

import { Pipe } from '../../lib/connection/pipe.js';
import { getContext } from '../../lib/context/context.js';
import { BrokenPipeError } from '../../lib/errors/errors.js';
import { Queue } from '../../lib/queue/queue.js';
import { Lock } from '../../lib/sync/lock.js';
import { wait, waitSync } from '../../lib/wait/wait.js';
import { fixture, runProgram } from './program.js';

const { Process } = getContext('thread');
const endings = (name: string) => ({ module: fixture('endings.mjs'), export: name });

async function stderrOf(child: InstanceType<typeof Process>): Promise<string> {
  let all = '';
  for await (const chunk of child.stderr!) all += String(chunk);
  return all;
}

test('it is of this process, and has a number of its own', async () => {
  const [a, b] = [1, 2].map(() => new Process({ target: endings('waitForEver') }).start());
  expect([a!.pid, b!.pid]).toEqual([process.pid, process.pid]);
  expect(a!.ident).not.toBe(b!.ident);
  for (const child of [a!, b!]) child.terminate();
  expect([a!.joinSync(), await b!.join()]).toEqual([-15, -15]);
});

describe('one that ends before it has begun', () => {
  test('called off at once', () => {
    using lock = new Lock();
    const child = new Process({ target: endings('holdForEver'), args: [lock, new Queue()] }).start();
    child.kill();
    expect([child.isAlive(), child.joinSync()]).toEqual([false, -9]);
    expect(lock.tryAcquire()).toBe(true);
  });

  test.each(['join', 'joinSync'] as const)('a preloaded module that fails, seen by %s', async (verb) => {
    const execArgv = ['--import', fixture('import-fails.mjs')];
    const child = new Process({ target: endings('nothing'), execArgv, stdio: 'pipe' }).start();
    expect(await child[verb]()).toBe(1);
    expect(await stderrOf(child)).toMatch(/^Process ThreadProcess-\d+:\nTypeError.*: this module does not load/);
  });
});

test.each(['join', 'joinSync'] as const)('one that never comes to its target is stopped, seen by %s', async (verb) => {
  const begun = new Process({ target: { module: fixture('never-loaded.mjs'), export: 'work' }, stdio: 'pipe' }).start();
  for await (const chunk of begun.stdout!) if (String(chunk) === 'loading') begun.kill();
  expect(await begun[verb]()).toBe(-9);
});

test.each(['join', 'joinSync'] as const)('one that needs more memory than it may, seen by %s', async (verb) => {
  const resourceLimits = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 2 };
  const child = new Process({ target: endings('fillMemory'), resourceLimits, stdio: 'pipe', name: 'large' }).start();
  expect(await child[verb]()).toBe(1);
  expect(await stderrOf(child)).toMatch(/^Process large:\n.*memory limit/);
});

test('too little memory for any thread', () => {
  expect(() => new Process({ resourceLimits: { maxOldGenerationSizeMb: 4 } })).toThrow(
    /resourceLimits\.maxOldGenerationSizeMb must be 8 or more; got 4/,
  );
});

describe('a terminated thread is dead', () => {
  test.each(['terminate', 'kill', 'interrupt'] as const)('for locks: %s', async (verb) => {
    using lock = new Lock();
    using told = new Queue<string>();
    const child = new Process({ target: endings('holdForEver'), args: [lock, told] }).start();
    expect(await told.get()).toBe('held');
    expect(lock.tryAcquire()).toBe(false);
    child[verb]();
    expect(child.joinSync()).toBe({ terminate: -15, kill: -9, interrupt: -2 }[verb]);
    expect(lock.acquireSync()).toBe(true);
    expect(lock.abandoned).toBe(true);
    lock.release();
  });

  test('for the ends of pipes, also while it blocks', async () => {
    const [here, there] = Pipe();
    const child = new Process({ target: endings('receiveOne'), args: [there] }).start();
    there.close();
    await here.send('one');
    child.terminate();
    expect(await child.join()).toBe(-15);
    await expect(here.send('two')).rejects.toThrow(BrokenPipeError);
    here.close();
  });
});

test('its end wakes those who wait for several', async () => {
  const forEver = new Process({ target: endings('waitForEver'), stdio: 'pipe' }).start();
  const short = () => new Process({ target: endings('endLater'), args: [30] }).start();
  const [first, second] = [short(), short()];
  const names = (children: { name: string }[]) => children.map(({ name }) => name);
  expect([names(waitSync([forEver, first])), forEver.exitcode]).toEqual([[first.name], null]);
  expect([names(await wait([forEver, second])), forEver.exitcode]).toEqual([[second.name], null]);
  expect([names(waitSync([forEver], { timeout: 20 })), forEver.exitcode]).toEqual([[], null]);
  forEver.terminate();
  expect(names(await wait([forEver]))).toEqual([forEver.name]);
  expect(forEver.joinSync()).toBe(-15);
});

test('what it prints comes out while others block; threads in threads; a program waits for its threads', async () => {
  const { stdout, stderr, code } = await runProgram('thread-beside.mjs');
  expect(stderr).toBe('');
  const lines = stdout.split('\n');
  expect(lines.slice(0, 1000).every((line) => line.length === 1000)).toBe(true);
  expect(lines.slice(1000)).toEqual(['code 0', 'nested', '0 within', 'true 0', 'at the end', '']);
  expect(code).toBe(5);
});

test('with a thread’s output read here, what it wrote last is there, too', async () => {
  const child = new Process({ target: endings('print'), args: ['y'.repeat(100), 2000], stdio: 'pipe' }).start();
  expect(child.joinSync()).toBe(0);
  let length = 0;
  for await (const chunk of child.stdout!) length += String(chunk).length;
  expect(length).toBe(2000 * 101);
});
