// What is of 'forkserver' alone: the spares. What its children have in common with others is in life-cycle.test.ts.
import { existsSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { getContext } from '../../lib/context/context.js';
import { SerializeError } from '../../lib/errors/errors.js';
import { setExecutable } from '../../lib/process/executable.js';
import { setForkserverPreload, setForkserverSpares } from '../../lib/process/forkserver-settings.js';
import type { ProcessOptions } from '../../lib/process/process-options.js';
import { readySpares } from '../../lib/process/start/spares.js';
import { Queue } from '../../lib/queue/queue.js';
import { childrenOf } from '../setup/children.js';
import { endBySignal, fixture, isRunning, runProgram, until, waysToEnd } from './program.js';

const { Process } = getContext('forkserver');
const endings = (name: string) => ({ module: fixture('endings.mjs'), export: name });
const reporting = (name: string) => ({ module: fixture('reporting.mjs'), export: name });

const spares = () =>
  childrenOf(process.pid)
    .filter((child) => child.includes('spare-main'))
    .map((child) => parseInt(child, 10));

async function started(options: ProcessOptions): Promise<number> {
  const child = new Process(options).start();
  expect(await child.join()).toBe(0);
  return child.pid!;
}

/** Reaped: while its threads end, a process is neither running nor over. */
function isGone(pid: number): boolean {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
}

/** So many spares that are ready, and no others; the pids. */
async function withSpares(count: number): Promise<number[]> {
  setForkserverSpares(count);
  await until(() => spares().length <= count);
  if (spares().length < count) await started({ target: endings('nothing') });
  await until(() => readySpares().length === count);
  return readySpares();
}

beforeEach(() => setForkserverPreload([]));
afterEach(async () => {
  setForkserverSpares(0);
  setForkserverPreload([]);
  await until(() => spares().length === 0);
});

describe('a spare', () => {
  test('becomes the child, and another takes its place', async () => {
    const [first] = await withSpares(1);
    expect(await started({ target: endings('nothing') })).toBe(first);
    await until(() => spares().length === 1);
    expect(spares()).not.toEqual([first]);
  });

  test('is one of several, and where there are no more a start is a fresh one', async () => {
    const known = await withSpares(2);
    const children = Array.from({ length: 4 }, () => new Process({ target: endings('nothing') }).start());
    for (const child of children) expect(await child.join()).toBe(0);
    expect(new Set(children.map(({ pid }) => pid)).size).toBe(4);
    expect(children.map(({ pid }) => pid)).toEqual(expect.arrayContaining(known));
  });

  test('has no life of its own: it is no child of this process', async () => {
    await withSpares(1);
    expect(getContext().activeChildren()).toEqual([]);
  });

  test('does not mind Ctrl-C, which the child that it becomes does', async () => {
    const [first] = await withSpares(1);
    process.kill(first!, 'SIGINT');
    expect(await started({ target: endings('nothing') })).toBe(first);
    const [second] = await withSpares(1);
    const child = new Process({ target: endings('waitForEver') }).start();
    expect(child.pid).toBe(second);
    child.interrupt();
    expect(await child.join()).toBe(-2);
  });

  test.each(['SIGKILL', 'SIGTERM'] as const)('that %s has ended is passed over', async (signal) => {
    const [first, second] = await withSpares(2);
    process.kill(first!, signal);
    await until(() => isGone(first!));
    expect(await started({ target: endings('nothing') })).toBe(second);
  });

  test('takes the environment and the directory of the moment, and of the options', async () => {
    using queue = new Queue<{ cwd: string; env: Record<string, unknown> }>();
    process.env['A'] = 'before';
    const [first] = await withSpares(1);
    process.env['A'] = 'now';
    const target = reporting('tellSelf');
    expect(await started({ target, args: [queue] })).toBe(first);
    expect(await queue.get()).toMatchObject({ cwd: process.cwd(), env: { A: 'now', PATH: true } });

    delete process.env['A'];
    const [second] = await withSpares(1);
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'PATH'));
    expect(await started({ target, args: [queue], env: { ...env, A: 'mine' }, cwd: tmpdir() })).toBe(second);
    expect(await queue.get()).toMatchObject({ cwd: tmpdir(), env: { A: 'mine', PATH: false } });
  });
});

describe('a fresh process', () => {
  test.each<[string, ProcessOptions]>([
    ['variables that Node reads when it begins', { env: { ...process.env, NODE_OPTIONS: '--stack-trace-limit=3' } }],
    ['flags', { execArgv: [...process.execArgv, '--stack-trace-limit=3'] }],
    ['streams for its output', { stdio: 'ignore' }],
    ['an environment that is too long to hand over', { env: { ...process.env, A: 'a'.repeat(100_000) } }],
  ])('for %s', async (_what, options) => {
    using queue = new Queue<{ env: { A?: string } }>();
    const [spare] = await withSpares(1);
    expect(await started({ target: reporting('tellSelf'), args: [queue], ...options })).not.toBe(spare);
    expect((await queue.get()).env.A).toBe(options.env?.['A']);
    expect(spares()).toEqual([spare]);
  });

  test('when there are to be no spares', async () => {
    await withSpares(1);
    setForkserverSpares(0);
    await until(() => spares().length === 0);
    await started({ target: endings('nothing') });
    expect(spares()).toEqual([]);
  });

  test('for another executable, which spares of the earlier one are not', async () => {
    const [spare] = await withSpares(1);
    setExecutable('/usr/bin/env');
    try {
      expect(() => setExecutable(5 as never)).toThrow(TypeError);
      const child = new Process({ target: endings('nothing'), execArgv: ['true'] }).start();
      expect(await child.join()).toBe(0);
      expect(await new Process({ target: endings('nothing'), execArgv: ['false'] }).start().join()).toBe(1);
      setExecutable('/nowhere/node');
      const refused = new Process({ target: endings('nothing') });
      expect(() => refused.start()).toThrow(/the program \/nowhere\/node is not there/);
      await until(() => !spares().includes(spare!));
    } finally {
      setExecutable(process.execPath);
    }
  });

  test('a directory that is none is told as by spawn', async () => {
    await withSpares(1);
    const child = new Process({ target: endings('nothing'), cwd: '/nowhere' });
    expect(() => child.start()).toThrow(/its cwd '\/nowhere' is no directory/);
    expect(spares()).toHaveLength(1);
  });
});

describe('preloaded modules', () => {
  test('are imported before, in what is not the main process yet, and stand still', async () => {
    using queue = new Queue<Record<string, unknown>>();
    setForkserverPreload([fixture('import-fails.mjs'), new URL(`file://${fixture('preloaded.mjs')}`)]);
    await withSpares(1);
    const target = { module: fixture('preloaded.mjs'), export: 'tellPreloaded' };
    await started({ target, args: [queue], name: 'later' });
    expect(await queue.get()).toMatchObject({
      seen: { main: false, name: 'spare', parent: process.pid, started: 'ERR_PROCLOOM_UNGUARDED_MAIN' },
      name: 'later',
      parent: 'MainProcess',
      same: true,
    });
  });

  test('another list ends the spares that have the one before', async () => {
    const [first] = await withSpares(1);
    setForkserverPreload(['node:zlib', 'vitest']);
    await until(() => spares().length === 0);
    const [second] = await withSpares(1);
    expect(second).not.toBe(first);
  });

  test('one that ends its process does so in spares only, and not without end', async () => {
    const file = join(tmpdir(), 'ended');
    const ended = () => (existsSync(file) ? statSync(file).size : 0);
    process.env['ENDED_IN'] = file;
    setForkserverPreload([fixture('preload-ends.mjs')]);
    setForkserverSpares(1);
    for (const times of [1, 2]) {
      await started({ target: endings('nothing') });
      await until(() => ended() === times && spares().length === 0);
      // As long as it takes to make up for one, several times over.
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect([ended(), spares()]).toEqual([times, []]);
    }
    rmSync(file);
  });

  test.each([
    [['./nowhere.mjs'], SerializeError, /modules\[0\] '.\/nowhere.mjs': there is no file/],
    [['node:fs', 5], TypeError, /modules\[1\]\.module must be a path or a URL/],
    ['node:fs', TypeError, /modules must be an array/],
  ])('%j is refused', (modules, errorClass, message) => {
    expect(() => setForkserverPreload(modules as never)).toThrow(errorClass);
    expect(() => setForkserverPreload(modules as never)).toThrow(message);
  });
});

test.each([-1, 1.5, 2000, NaN, '2', undefined])('%j is no number of spares', (count) => {
  expect(() => setForkserverSpares(count as never)).toThrow(/count must be an integer/);
});

describe('no spare is left behind by a parent that ends', () => {
  test.each(waysToEnd)('%s', async (_name, how, exitcode) => {
    const { stdout, code } = await runProgram('spares.mjs', how);
    expect(code).toBe(exitcode);
    const pids = stdout.trim().split(' ').map(Number);
    expect(pids).toHaveLength(2);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('by %s', async (signal) => {
    expect(await endBySignal(signal, 'spares.mjs', 'hang')).toHaveLength(2);
  });
});
