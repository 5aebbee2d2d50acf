/** The stages of `npm test` and CI count what really happened: a check that cannot fail would be none. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { countsOf } from '../../scripts/stages/native.mjs';
import { conclude, Outcome, runStage } from '../../scripts/stages/outcome.mjs';
import { beginRun, checkNothingLeft } from '../../scripts/stages/private-directory.mjs';
import { countSoak, soaked } from '../../scripts/stages/soak.mjs';
import { endedWell, ending, runWatched } from '../../scripts/stages/watched.mjs';

let printed: string[];

beforeEach(() => {
  printed = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a stage', () => {
  test('counts what passed and what failed', async () => {
    const outcome = await runStage('a', (it: Outcome) => {
      it.pass(3);
      it.fail('this');
      it.skip(2);
    });
    expect(outcome).toMatchObject({ passed: 3, failed: 1, skipped: 2, failures: ['this'] });
  });

  test('that throws has failed', async () => {
    const outcome = await runStage('a', (it: Outcome) => {
      it.pass();
      throw new Error('boom');
    });
    expect(outcome).toMatchObject({ passed: 1, failed: 1, failures: ['boom'] });
  });

  test('that checked nothing has failed', async () => {
    expect(await runStage('a', () => {})).toMatchObject({ passed: 0, failed: 1 });
  });
});

test('the last line is the sum, and one failure is enough for exit code 1', async () => {
  const good = await runStage('good', (it: Outcome) => it.pass(5));
  const bad = await runStage('bad', (it: Outcome) => it.fail('this'));
  expect(conclude([good])).toBe(0);
  expect(printed.at(-1)!.trim()).toBe('5 passed, 0 failed');
  expect(conclude([good, bad])).toBe(1);
  expect(printed.at(-1)!.trim()).toBe('5 passed, 1 failed');
});

test("doctest's counts are those of its summary, and none where it did not come so far", () => {
  const summary =
    '[doctest] test cases:  12 | 11 passed | 1 failed | 3 skipped\n[doctest] assertions: 9 | 9 passed | 0 failed |';
  expect(countsOf(summary)).toEqual({ passed: 11, failed: 1, skipped: 3 });
  expect(countsOf('Segmentation fault')).toBeNull();
});

describe('the soak', () => {
  const report = {
    seed: 7,
    checks: 12,
    violations: [] as string[],
    operations: Object.fromEntries(soaked.map((kind) => [kind, { blocking: 1, awaited: 2 }])),
    kills: { process: 1, thread: 1 },
    interrupted: false,
  };
  const counted = (changes: Partial<Record<keyof typeof report, unknown>>) => {
    const outcome = new Outcome('soak');
    countSoak({ ...report, ...changes }, outcome);
    return { passed: outcome.passed, failures: outcome.failures };
  };

  test('counts its checks', () => {
    expect(counted({})).toEqual({ passed: 12, failures: [] });
  });

  test('a violation is a failure, and tells the seed', () => {
    expect(counted({ violations: ['that'] })).toEqual({ passed: 12, failures: ['that (seed 7)'] });
  });

  test('in which something was not done, nobody killed or nothing checked has failed', () => {
    const operations: Partial<typeof report.operations> = { ...report.operations, lock: { blocking: 0, awaited: 3 } };
    delete operations['pipe'];
    expect(counted({ operations, kills: { process: 0, thread: 0 }, checks: 0 }).failures).toEqual([
      'the soak checked nothing',
      expect.stringContaining('lock, blocking'),
      expect.stringContaining('pipe, blocking'),
      expect.stringContaining('pipe, awaited'),
      expect.stringContaining('no process'),
      expect.stringContaining('no thread'),
    ]);
  });

  test('that was interrupted need not have done everything', () => {
    expect(counted({ operations: {}, checks: 3, interrupted: true })).toEqual({ passed: 3, failures: [] });
  });
});

describe('a watched program', () => {
  const node = (code: string, options = {}) => runWatched(process.execPath, ['-e', code], { quiet: true, ...options });

  test('that ends with 0 ended well', async () => {
    const result = await node('console.log(1)');
    expect(endedWell(result)).toBe(true);
    expect(result.output).toBe('1\n');
  });

  test('that ends otherwise did not', async () => {
    const result = await node('process.exit(3)');
    expect(endedWell(result)).toBe(false);
    expect(ending(result, 1_000)).toContain('exit code 3');
  });

  test('that hangs is ended', async () => {
    const limitMs = 500;
    const result = await node('setInterval(() => {}, 1000)', { limitMs });
    expect(endedWell(result)).toBe(false);
    expect(ending(result, limitMs)).toContain('still running after 0.5 s');
  });

  test('that is to end early by itself gets the Ctrl-C', async () => {
    const code = `
      process.on('SIGINT', () => process.exit(0));
      setInterval(() => {}, 1000);
      process.kill(process.ppid, 'SIGINT');`;
    expect(endedWell(await node(code, { passInterrupt: true }))).toBe(true);
  });

  test('that leaves a process holding its output did not end well', async () => {
    const code = "require('child_process').spawn('sleep', ['30'], { stdio: 'inherit' }).unref()";
    const result = await node(code);
    expect(endedWell(result)).toBe(false);
    expect(ending(result, 1_000)).toContain('left a process behind');
  });
});

describe.runIf(process.platform === 'linux')('what a run leaves is found', () => {
  test('a file, a process', async () => {
    const begun = beginRun('planted');
    mkdirSync(join(begun.directory, 'w'), { recursive: true });
    writeFileSync(join(begun.directory, 'w', 's.0123456789abcdef'), '');
    const child = spawn('sleep', ['60'], { env: { ...process.env, ...begun.env }, stdio: 'ignore' });
    const gone = new Promise((resolve) => child.on('exit', resolve));
    await new Promise((resolve) => child.on('spawn', resolve));
    const outcome = new Outcome('planted');
    checkNothingLeft(begun, outcome);
    expect(outcome.failures).toEqual([
      expect.stringContaining(`${child.pid} (sleep 60)`),
      expect.stringContaining('w/s.0123456789abcdef'),
    ]);
    expect(outcome.passed).toBe(1);
    await gone;
  });

  test('but not what another program has open', () => {
    const begun = beginRun('foreign');
    mkdirSync(begun.directory);
    const descriptor = openSync(join(begun.directory, 'held'), 'w');
    writeFileSync(join(begun.directory, 'left'), '');
    const outcome = new Outcome('foreign');
    checkNothingLeft(begun, outcome);
    closeSync(descriptor);
    expect(outcome.failures).toEqual([expect.stringMatching(/: left$/)]);
  });

  test('a semaphore, but not of a registry that another program has open', () => {
    const begun = beginRun('semaphores');
    mkdirSync(begun.directory);
    const registry = join(begun.directory, 'registry');
    const descriptor = openSync(registry, 'w');
    const { dev, ino } = statSync(registry, { bigint: true });
    const semaphore = (id: bigint) => join('/dev/shm', `sem.procloom-${id.toString(16)}-1`);
    const held = semaphore((dev << 40n) ^ ino);
    const left = semaphore((dev << 40n) ^ (ino + 1n));
    for (const file of [held, left]) writeFileSync(file, '');
    const outcome = new Outcome('semaphores');
    checkNothingLeft(begun, outcome);
    for (const file of [held, left]) rmSync(file);
    closeSync(descriptor);
    expect(outcome.failures).toHaveLength(1);
    expect(outcome.failures[0]).toContain(basename(left));
    expect(outcome.failures[0]).not.toContain(basename(held));
  });

  test('nothing, when nothing was left', () => {
    const outcome = new Outcome('clean');
    checkNothingLeft(beginRun('clean'), outcome);
    expect(outcome).toMatchObject({ passed: 3, failed: 0 });
  });
});
