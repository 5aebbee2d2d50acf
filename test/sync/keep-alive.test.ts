// A pending wait keeps the process alive; an idle object, and a wait with `ref: false`, do not.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../fixtures/sync/keep-alive.mjs', import.meta.url));

async function run(what: string, ref: 'ref' | 'unref', come: 'come' | 'timeout' | 'never'): Promise<unknown[]> {
  const child = spawn(process.execPath, [program, what, ref, come], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return [output.trim(), code];
}

test('idle objects let the process end', async () => {
  expect(await run('nothing', 'ref', 'never')).toEqual(['came', 0]);
});

describe.each<[string, string]>([
  ['lock', 'came'],
  ['rlock', 'TimeoutError'],
  ['semaphore', 'came'],
  ['event', 'came'],
  ['barrier', 'BrokenBarrierError'],
  ['condition', 'came'],
  ['get', 'Empty'],
  ['put', 'Full'],
  ['recv', 'TimeoutError'],
  ['recvBytes', 'TimeoutError'],
  ['send', 'TimeoutError'],
  ['poll', 'came'],
])('%s', (what, timedOut) => {
  test('waits, until it comes, its time has passed, or never with ref: false', async () => {
    const ends = [run(what, 'ref', 'come'), run(what, 'ref', 'timeout'), run(what, 'unref', 'never')];
    expect(await Promise.all(ends)).toEqual([
      ['came', 0],
      [timedOut, 0],
      ['', 0],
    ]);
  });
});
