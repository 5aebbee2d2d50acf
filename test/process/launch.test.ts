// A process is started in the same way by the addon and by node:child_process.
import { setImmediate as turn } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';

import { describe, expect, test } from 'vitest';

import { native } from '../../lib/addon/loader.js';
import { launch } from '../../lib/process/start/launch.js';
import { launchByNode } from '../../lib/process/start/launch-by-node.js';
import { launchDirectly } from '../../lib/process/start/launch-directly.js';
import type { Launched, LaunchOrder } from '../../lib/process/start/launched.js';
import { childrenOf } from '../setup/children.js';
import { fixture, runNode, until } from './program.js';

const ways = [
  ['the addon', launchDirectly],
  ['node:child_process', launchByNode],
] as const;

const shell = (script: string, options: Partial<LaunchOrder> = {}): LaunchOrder => ({
  file: '/bin/sh',
  args: ['-c', script, 'zero', 'one'],
  env: {},
  cwd: undefined,
  stdio: ['ignore', 'pipe', 'pipe'],
  ...options,
});

const ended = (launched: Launched) => new Promise<number>((resolve) => launched.onEnd(resolve));

describe.runIf(native.body === 'linux').each(ways)('by %s:', (_name, launchIt) => {
  function started(script: string, options: Partial<LaunchOrder> = {}): Launched {
    const launched = launchIt(shell(script, options));
    if (launched.pid === undefined) throw new Error(`refused: ${launched.code}`);
    return launched;
  }

  test('it has what was ordered, and its output comes here', async () => {
    const env = { NAME: 'a value=with signs', OTHER: 'ü' };
    const launched = started('echo "$0 $1 $NAME $OTHER"; pwd; cat; echo error >&2; exit 7', { env, cwd: '/usr' });
    const [, stdout, stderr] = launched.streams;
    expect(launched.streams[0]).toBe(null);
    expect(launched.pid).toBeGreaterThan(1);
    const code = ended(launched);
    expect(await Promise.all([text(stdout!), text(stderr!), code])).toEqual([
      'zero one a value=with signs ü\n/usr\n',
      'error\n',
      7,
    ]);
    expect(launched.hasEnded).toBe(true);
  });

  test('a further stream goes both ways', async () => {
    const launched = started('read line <&3; echo "$line $line" >&3', {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const stream = launched.streams[3]!;
    const code = ended(launched);
    stream.write('word\n');
    expect(await text(stream)).toBe('word word\n');
    expect(await code).toBe(0);
  });

  test('a signal ends it; one that comes too late does nothing', async () => {
    const launched = started('read line <&1');
    launched.kill('SIGTERM');
    expect(await ended(launched)).toBe(-15);
    launched.kill('SIGTERM');
    for (const stream of launched.streams) stream?.destroy();
  });

  test('its end can be seen before it is told, and is told all the same', async () => {
    const launched = started('exit 3');
    expect(native.childWait(launched.pid, -1)).toBe(0);
    expect(native.childStatus(launched.pid)).toBe(3);
    expect(launched.hasEnded).toBe(false);
    expect(await ended(launched)).toBe(3);
    expect(childrenOf(process.pid).filter((child) => child.includes('sh'))).toEqual([]);
    for (const stream of launched.streams) stream?.destroy();
  });

  test('many that end together are told, each once', async () => {
    const all = Array.from({ length: 30 }, (_, i) => started(`exit ${i}`, { stdio: ['ignore', 'ignore', 'ignore'] }));
    for (const { pid } of all) native.childWait(pid, -1);
    expect(await Promise.all(all.map(ended))).toEqual(all.map((_, i) => i));
  });

  test.each([
    ['a file that is not there', { file: '/nowhere/sh' }],
    ['a file that is no program', { file: '/etc/passwd' }],
    ['a folder that is not there', { cwd: '/nowhere' }],
  ])('%s is refused', async (_what, options) => {
    const refused = launchIt(shell('exit 0', { stdio: ['ignore', 'ignore', 'ignore'], ...options }));
    expect(refused.pid).toBe(undefined);
    await turn();
  });
});

describe.runIf(native.body === 'linux')('by the addon:', () => {
  test.each([
    [{ file: '/nowhere/sh' }, 'ENOENT'],
    [{ file: '/etc/passwd' }, 'EACCES'],
    [{ env: { LONG: 'x'.repeat(3_000_000) } }, 'E2BIG'],
  ])('the reason of a refusal is known at once: %#', (options, code) => {
    expect(launchDirectly(shell('exit 0', options))).toEqual({ pid: undefined, code });
  });

  test('one that keeps nothing alive does not keep its starter alive, and one that does, does', async () => {
    const { stdout, code } = await runNode([fixture('launching.mjs')]);
    expect([stdout, code]).toEqual(['ended 5\nstarter exits 0\n', 0]);
  });

  test('those of a thread that was terminated are reaped by who starts the next one', async () => {
    const worker = new Worker(fixture('launching.mjs'));
    const pid = await new Promise<number>((resolve) => worker.once('message', resolve));
    await worker.terminate();
    process.kill(pid, 'SIGKILL');
    await until(() => native.childWait(pid, 0) === 0);
    const next = launchDirectly(shell('exit 0', { stdio: ['ignore', 'ignore', 'ignore'] })) as Launched;
    expect(native.childWait(pid, 0)).toBe(native.status.MISSING);
    expect(await ended(next)).toBe(0);
  });
});

test.each<[string, Partial<LaunchOrder>]>([
  ['a path or argument', { args: ['a\0b'] }],
  ['a path or argument', { cwd: '/\0' }],
  ['env.NAME', { env: { NAME: '\0' } }],
])('%s with a zero character is refused: %j', (what, options) => {
  expect(() => launch(shell('exit 0', options))).toThrow(TypeError);
  expect(() => launch(shell('exit 0', options))).toThrow(`${what} of a process must have no zero characters`);
});

test('a name is looked up', async () => {
  const launched = launch(shell('exit 4', { file: 'sh', stdio: ['ignore', 'ignore', 'ignore'] })) as Launched;
  expect(await ended(launched)).toBe(4);
});
