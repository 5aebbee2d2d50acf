// The default start method: fixed once, and children inherit it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { StateError } from '../../lib/errors/errors.js';
import { Process } from '../../lib/process/process.js';
import { getAllStartMethods, getStartMethod, setStartMethod } from '../../lib/process/start-method.js';
import { Queue } from '../../lib/queue/queue.js';
import { fixture } from './program.js';

const reset = () => setStartMethod(null, { force: true });
beforeEach(reset);
afterEach(reset);

const fixed = () => getStartMethod({ allowNone: true });

describe('the default', () => {
  test('is the first of all', () => {
    expect(getStartMethod()).toBe(getAllStartMethods()[0]);
    expect(getAllStartMethods()).toEqual(['spawn', 'forkserver', 'thread']);
  });

  test('the list is the caller’s own', () => {
    getAllStartMethods().pop();
    expect(getAllStartMethods()).not.toEqual([]);
  });

  test('is fixed by who needs it, and not by who allows none', () => {
    expect(fixed()).toBe(null);
    expect(getStartMethod()).toBe('spawn');
    expect(fixed()).toBe('spawn');
  });

  test('is fixed by the first start', async () => {
    const child = new Process();
    expect(fixed()).toBe(null);
    expect(await child.start().join()).toBe(0);
    expect(fixed()).toBe('spawn');
    expect(() => setStartMethod('spawn')).toThrow(StateError);
  });
});

describe('setStartMethod', () => {
  test.each(getAllStartMethods())('%s: once, unless it is forced', (method) => {
    setStartMethod(method);
    expect(getStartMethod()).toBe(method);
    expect(() => setStartMethod(method)).toThrow(StateError);
    expect(() => setStartMethod('spawn')).toThrow(
      new RegExp(`setStartMethod\\('spawn'\\): the start method is '${method}' already.*force: true`),
    );
    setStartMethod('spawn', { force: true });
    expect(getStartMethod()).toBe('spawn');
    reset();
    expect(fixed()).toBe(null);
  });

  test.each(['fork', 'Spawn', '', 5, undefined])('%j is no method', (method) => {
    expect(() => setStartMethod(method as never)).toThrow(/method must be one of 'spawn'/);
    expect(() => setStartMethod(null)).toThrow(/method must be one of 'spawn'/);
    expect(fixed()).toBe(null);
  });
});

test.each([null, ...getAllStartMethods()])('children have what their parent had fixed: %s', async (method) => {
  using queue = new Queue();
  const child = new Process({
    target: { module: fixture('reporting.mjs'), export: 'tellStartMethods' },
    args: [queue, 1],
  });
  setStartMethod(method ?? 'spawn', { force: true });
  if (method === null) getStartMethod();
  child.start();
  expect(await child.join()).toBe(0);
  const used = method ?? 'spawn';
  expect([await queue.get(), await queue.get()]).toEqual([used, used]);
});
