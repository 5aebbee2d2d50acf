/** A benchmark is worth something only if it notices what goes wrong: drivers that fail, each in its own way. */
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';

import { fixture, runBench } from './run-bench.js';

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

it('a failed run leaves no process and no file behind', async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('procloom-bench-'));
  await runBench(
    '--trials',
    'bytes-64',
    '--rounds',
    '1',
    '--seconds',
    '0.02',
    '--limit',
    '2',
    '--driver-module',
    fixture('hanging'),
  );
  await runBench('--trials', 'bytes-64', '--rounds', '1', '--seconds', '0.02', '--driver-module', fixture('leaving'));
  const after = readdirSync(tmpdir()).filter((name) => name.startsWith('procloom-bench-'));
  expect(after.filter((name) => !before.includes(name))).toEqual([]);
  expect(commandLines().filter((line) => /left-by-the-leaving-driver|fixtures\/hanging/.test(line))).toEqual([]);
});
