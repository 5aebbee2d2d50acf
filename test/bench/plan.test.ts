import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

import { drivers } from '../../bench/drivers/catalogue.js';
import { orderOfRound, planCells } from '../../bench/run/plan.js';
import { trials } from '../../bench/trials/catalogue.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('a trial meets the drivers that can do it, and no other', () => {
  const lock = trials.filter(({ name }) => name === 'lock');
  expect(planCells(lock, drivers).map(({ driver }) => driver.name)).toEqual([
    'procloom-lock',
    'procloom-lock-async',
    'python-lock',
  ]);
});

it('a driver that takes part in some trials only meets no others of its jobs', () => {
  const drawn = planCells(trials, drivers).filter(({ driver }) => driver.name === 'memcpy');
  expect(drawn.map(({ trial }) => trial.name)).toEqual(['bytes-1m', 'bytes-64m']);
  for (const { trials: own, name } of drivers) {
    for (const one of own ?? [])
      expect(planCells(trials, drivers)).toContainEqual(
        expect.objectContaining({
          trial: expect.objectContaining({ name: one }),
          driver: expect.objectContaining({ name }),
        }),
      );
  }
});

it('rounds go forth and back', () => {
  const cells = planCells(trials, drivers);
  expect(orderOfRound(cells, 0)).toEqual(cells);
  expect(orderOfRound(cells, 1)).toEqual([...cells].reverse());
  expect(orderOfRound(cells, 2)).toEqual(cells);
});

it('every driver of the catalogue has its module', () => {
  for (const { runtime, module } of drivers) {
    const path =
      runtime === 'python' ? `${root}/bench/python/ends/${module}.py` : fileURLToPath(module).replace(/\.js$/, '.ts');
    expect(existsSync(path), path).toBe(true);
  }
});

it('every name is there once', () => {
  for (const list of [trials, drivers]) expect(new Set(list.map(({ name }) => name)).size).toBe(list.length);
});
