// What a child prints is there for its parent, however and whenever it ends.
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Process } from '../../lib/process/process.js';
import { getAllStartMethods, setStartMethod } from '../../lib/process/start-method.js';
import { fixture, runProgram } from './program.js';

const MIB = 1024 * 1024;
const printing = (name: string) => ({ module: fixture('printing.mjs'), export: name });
const endings = (name: string) => ({ module: fixture('endings.mjs'), export: name });
type Output = AsyncIterable<Buffer> & NodeJS.ReadableStream;

describe.each(getAllStartMethods())('%s:', (method) => {
  beforeAll(() => setStartMethod(method, { force: true }));
  afterAll(() => setStartMethod(null, { force: true }));

  describe.each(['stdout', 'stderr'] as const)('all that was written to %s is read', (stream) => {
    test.each([
      ['printAndExit', 3],
      ['printAndDie', -9],
    ])('%s', async (name, code) => {
      const child = new Process({ target: printing(name), args: [MIB, stream], stdio: 'pipe' }).start();
      const [ended, all] = await Promise.all([child.join(), text(child[stream] as Output)]);
      expect([ended, all.length]).toEqual([code, MIB]);
    });
  });

  test('what was written before an error is above it', async () => {
    const child = new Process({ target: printing('printAndFail'), args: [640, 'stderr'], stdio: 'pipe' }).start();
    const [ended, all] = await Promise.all([child.join(), text(child.stderr as Output)]);
    expect(ended).toBe(1);
    expect(all.slice(640)).toMatch(/^Process \w*Process-\d+:\n[\s\S]*Error: it failed/);
  });

  // Node would read on when the process ends, and throw away what nobody has asked for.
  test.each(['join', 'joinSync'] as const)('its last words wait for who reads them after %s()', async (verb) => {
    const child = new Process({ target: printing('printAndExit'), args: [16_384], stdio: 'pipe' }).start();
    expect(await child[verb]()).toBe(3);
    await child.sentinel;
    for (let i = 0; i < 10; i++) await turn();
    expect([(await text(child.stdout as Output)).length, await text(child.stderr as Output)]).toEqual([16_384, '']);
  });

  test('who stops reading lets it go', async () => {
    const child = new Process({ target: endings('print'), args: ['y'.repeat(1000)], stdio: 'pipe' }).start();
    for await (const chunk of child.stdout as Output) {
      expect(String(chunk)).toMatch(/^y+/);
      break;
    }
    expect(await child.join()).toBe(0);
    const stdout = child.stdout as NodeJS.ReadableStream & { closed: boolean };
    if (!stdout.closed) await once(stdout, 'close');
  });

  test('into what its parent has inherited, while that is blocked and right before it goes', async () => {
    const { stdout, code } = await runProgram('printing.mjs', method, String(MIB));
    expect([stdout.length, code]).toEqual([2 * MIB, 3]);
  });

  test('a daemon whose output can be read keeps nobody from ending', async () => {
    const { stdout, stderr, code } = await runProgram('daemon-with-pipes.mjs', method);
    expect([stdout, stderr, code]).toEqual(['printed\n', '', 0]);
  });
});

test('a process that prints more than anybody reads waits, as at any pipe', async () => {
  const child = new Process({ target: endings('print'), args: ['z'.repeat(1023), 2048], stdio: 'pipe' }).start();
  await once(child.stdout!, 'readable');
  expect(await child.join({ timeout: 200 })).toBe(null);
  expect((child.stdout as NodeJS.ReadableStream & { readableLength: number }).readableLength).toBeLessThan(MIB / 4);
  expect((await text(child.stdout as Output)).length).toBe(2 * MIB);
  expect(await child.join()).toBe(0);
});
