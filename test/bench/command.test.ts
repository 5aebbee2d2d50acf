import { expect, it } from 'vitest';

import { drivers } from '../../bench/drivers/catalogue.js';
import { trials } from '../../bench/trials/catalogue.js';
import { runBench } from './run-bench.js';

it('--help explains every option and the exit codes', async () => {
  const { code, stdout, stderr } = await runBench('--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const option of [
    '--quick',
    '--rounds',
    '--seconds',
    '--trials',
    '--drivers',
    '--driver-module',
    '--json',
    '--list',
    '--within',
    '--stall',
    '--limit',
  ]) {
    expect(stdout).toContain(option);
  }
  expect(stdout).toContain('Exit code');
});

it('--list names every trial and driver, and measures nothing', async () => {
  const { code, stdout } = await runBench('--list');
  expect(code).toBe(0);
  for (const { name } of [...trials, ...drivers]) expect(stdout).toContain(`  ${name} `);
  expect(stdout).not.toContain('cells measured');
});

it.each([
  ['--trials bytes-64,nonsense', "there is no trial 'nonsense'; there are bytes-64, "],
  ['--drivers nonsense', "there is no driver 'nonsense'; there are procloom-pipe, "],
  ['--rounds 0', 'a whole number, 1 or more, is needed'],
  ['--rounds 1.5', 'a whole number, 1 or more, is needed'],
  ['--seconds -1', 'a number more than 0 is needed'],
  ['--nonsense', "unknown option '--nonsense'"],
  ['nonsense', 'too many arguments'],
  ['--driver-module /nonsense.mjs', '/nonsense.mjs'],
])('%s is refused with exit code 2 and a sentence', async (args, sentence) => {
  const { code, stdout, stderr } = await runBench(...args.split(' '));
  expect(code).toBe(2);
  expect(stderr).toContain(sentence);
  expect(stdout).toBe('');
});
