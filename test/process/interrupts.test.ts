// Ctrl-C reaches a whole group of processes at once: all of it ends, or who handles it goes on, and nobody prints a stack.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { describe, expect, test } from 'vitest';

import { getAllStartMethods } from '../../lib/process/start-method.js';
import { fixture, isRunning, until } from './program.js';

interface Family {
  main: ChildProcessByStdio<null, Readable, Readable>;
  pids: number[];
  stderr: Promise<string>;
  ended: Promise<unknown[]>;
  lines: AsyncIterator<string>;
}

/** Resolves when all are busy. */
async function family(method: string, waits: string): Promise<Family> {
  const command = [fixture('interrupted.mjs'), method, waits];
  const main = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const ended = once(main, 'exit');
  const stderr = text(main.stderr);
  const lines = createInterface({ input: main.stdout })[Symbol.asyncIterator]();
  const pids = String((await lines.next()).value)
    .split(' ')
    .map(Number);
  expect(pids).toHaveLength(6);
  return { main, pids, stderr, ended, lines };
}

const interrupt = ({ main }: Family) => process.kill(-main.pid!, 'SIGINT');

describe.each(getAllStartMethods())('%s:', (method) => {
  // One whose parent awaits: programs.test.ts.
  test('ends all, although the parent blocks', async () => {
    const all = await family(method, 'joinSync');
    interrupt(all);
    expect(await all.ended).toEqual([null, 'SIGINT']);
    await until(() => !all.pids.some(isRunning));
    expect(await all.stderr).toBe('');
  });

  test('a parent that handles it goes on', async () => {
    const all = await family(method, 'handles');
    interrupt(all);
    const { codes, next } = JSON.parse(String((await all.lines.next()).value)) as { codes: number[]; next: number };
    expect(codes).toEqual([-2, -2, -2, -2]);
    expect(next).toBe(0);
    expect(await all.ended).toEqual([0, null]);
    await until(() => !all.pids.some(isRunning));
    expect(await all.stderr).toBe('');
  });
});
