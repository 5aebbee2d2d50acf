/** A benchmark is worth something only if it notices what goes wrong: drivers that fail, each in its own way. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';

import { fixture, runBench, watchBench } from './run-bench.js';

// A place of its own for temporary files: other tests run beside this one.
const place = mkdtempSync(join(tmpdir(), 'procloom-cell-test-'));
process.env['TMPDIR'] = place;
afterAll(() => rmSync(place, { recursive: true }));

/** Command lines of all processes that there are. */
function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      } catch {
        return ''; // It ended meanwhile.
      }
    });
}

it.each([
  ['corrupting', 'message 3 is the first that differs'],
  ['losing', 'some were lost or never came'],
  ['doubling', 'is the first that differs'],
  ['doubling-last', 'more messages arrived than were sent'],
  ['hanging', 'did not end within 3000 ms and was killed'],
  ['dying', 'the other process of the cell ended before it was done'],
  ['leaving', 'left a process behind, which was killed'],
])('a %s driver fails the run', async (name, sentence) => {
  const args = ['--trials', 'bytes-64', '--rounds', '1', '--seconds', '0.02', '--stall', '1', '--limit', '3'];
  const { code, stdout, stderr } = await runBench(...args, '--driver-module', fixture(name));
  expect(stderr).toContain(`FAILED  bytes-64, ${name}: `);
  expect(stderr).toContain(sentence);
  expect(stdout).toMatch(new RegExp(`${name} +FAILED`));
  expect(stdout).toContain('0 cells measured, every checksum of theirs right; 1 failed');
  expect(code).toBe(1);
});

it.each([
  ['waking-early', 'wake 3 was at'],
  ['dying-waiter', 'the process that was to be woken has ended'],
])('a %s driver of wakes fails the run', async (name, sentence) => {
  const args = ['--trials', 'wake-thread', '--rounds', '1', '--seconds', '0.02', '--stall', '10', '--limit', '30'];
  const { code, stdout, stderr } = await runBench(...args, '--driver-module', fixture(name));
  expect(stderr).toContain(`FAILED  wake-thread, ${name}: `);
  expect(stderr).toContain(sentence);
  expect(stdout).toContain('0 cells measured, every checksum of theirs right; 1 failed');
  expect(code).toBe(1);
});

/** What a run must not leave: folders for its sockets, processes of its cells. */
function leftovers(): string[] {
  return [
    ...readdirSync(place),
    ...commandLines().filter((line) => line.includes('left-by-the') || line.includes('test/bench/fixtures')),
  ];
}

async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

/** A run in full swing: its folder, and the command lines of the runner, the host and the peer. */
const WHOLE = 4;

const short = ['--trials', 'bytes-64', '--rounds', '1', '--seconds', '0.02'];

it('a failed run leaves no process and no file behind', async () => {
  const before = leftovers();
  await runBench(...short, '--limit', '2', '--driver-module', fixture('hanging'));
  await runBench(...short, '--driver-module', fixture('leaving'));
  expect(leftovers().filter((what) => !before.includes(what))).toEqual([]);
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends a run, its cells and their files at once', async (signal, code) => {
  const before = leftovers();
  const appeared = () => leftovers().filter((what) => !before.includes(what));
  const run = await watchBench([...short, '--limit', '600', '--driver-module', fixture('hanging')], (child) => {
    void eventually(() => appeared().length >= WHOLE).then(() => child.kill(signal));
  });
  expect(run.code).toBe(code);
  // What was killed takes a moment to be gone.
  await eventually(() => appeared().length === 0);
  expect(appeared()).toEqual([]);
});

it('a run that is killed leaves a cell that notices', async () => {
  const before = leftovers();
  const appeared = () => leftovers().filter((what) => !before.includes(what));
  const args = [
    '--trials',
    'bytes-64',
    '--rounds',
    '1',
    '--seconds',
    '600',
    '--stall',
    '600',
    '--driver-module',
    fixture('patient'),
  ];
  await watchBench(args, (child) => {
    void eventually(() => appeared().length >= WHOLE).then(() => child.kill('SIGKILL'));
  });
  await eventually(() => appeared().length === 0);
  expect(appeared()).toEqual([]);
});
