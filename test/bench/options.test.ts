import { expect, it } from 'vitest';

import { parseOptions } from '../../bench/command/options.js';
import { trials } from '../../bench/trials/catalogue.js';

const namesOf = async (...args: string[]) => (await parseOptions(args)).trials.map(({ name }) => name);

it('the quick form leaves out what is for the full one, unless it is asked for by name', async () => {
  const inFullOnly = trials.filter((trial) => trial.inFullOnly === true).map(({ name }) => name);
  expect(inFullOnly).toEqual(['wake-thread', 'wake-loop', 'death-thread', 'death-loop']);
  expect(await namesOf()).toEqual(trials.map(({ name }) => name));
  expect(await namesOf('--quick')).toEqual(trials.map(({ name }) => name).filter((name) => !inFullOnly.includes(name)));
  expect(await namesOf('--quick', '--trials', 'wake-loop,lock')).toEqual(['lock', 'wake-loop']);
});
