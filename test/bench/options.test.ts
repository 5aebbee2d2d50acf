import { expect, it } from 'vitest';

import { parseOptions } from '../../bench/command/options.js';
import { drivers } from '../../bench/drivers/catalogue.js';
import { trials } from '../../bench/trials/catalogue.js';

const driversOf = async (...args: string[]) => (await parseOptions(args)).drivers.map(({ name }) => name);
const namesOf = async (...args: string[]) => (await parseOptions(args)).trials.map(({ name }) => name);

it('the quick form leaves out what is for the full one, unless it is asked for by name', async () => {
  const inFullOnly = trials.filter((trial) => trial.inFullOnly === true).map(({ name }) => name);
  expect(inFullOnly).toEqual([
    'bytes-64m',
    'small-object-4to1',
    'round-trip-parked',
    'wake-thread',
    'wake-loop',
    'wakes-in-turn',
    'death-thread',
    'death-loop',
    'start-call',
    'start-line',
    'start-end',
  ]);
  expect(await namesOf()).toEqual(trials.map(({ name }) => name));
  expect(await namesOf('--quick')).toEqual(trials.map(({ name }) => name).filter((name) => !inFullOnly.includes(name)));
  expect(await namesOf('--quick', '--trials', 'wake-loop,lock')).toEqual(['lock', 'wake-loop']);
});

it('and so it does with drivers that are yardsticks only', async () => {
  const inFullOnly = drivers.filter((driver) => driver.inFullOnly === true).map(({ name }) => name);
  expect(inFullOnly).toEqual(['procloom-codec', 'raw-ring', 'raw-ping-pong', 'memcpy']);
  expect(await driversOf()).toEqual(drivers.map(({ name }) => name));
  expect(await driversOf('--quick')).toEqual(
    drivers.map(({ name }) => name).filter((name) => !inFullOnly.includes(name)),
  );
  expect(await driversOf('--quick', '--drivers', 'memcpy')).toEqual(['memcpy']);
});
