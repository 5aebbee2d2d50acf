// Contexts: the package's API with a start method of its own.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import * as procloom from '../../lib/index.js';
import { fixture, runProgram } from '../process/program.js';

const { getAllStartMethods, getContext, getStartMethod, Process, setStartMethod } = procloom;

const reset = () => setStartMethod(null, { force: true });
beforeEach(reset);
afterEach(reset);

const reporting = (name: string) => ({ module: fixture('reporting.mjs'), export: name });

describe.each(getAllStartMethods())('the context %s', (method) => {
  const context = getContext(method);

  test('is one object, of that method whatever the default is', () => {
    expect(getContext(method)).toBe(context);
    expect(context.getStartMethod()).toBe(method);
    expect(getStartMethod({ allowNone: true })).toBe(null);
    for (const other of getAllStartMethods()) {
      setStartMethod(other, { force: true });
      expect(context.getStartMethod()).toBe(method);
      expect(context.getContext(other)).toBe(getContext(other));
    }
  });

  test('has everything that the package has for programs', () => {
    const own: Record<string, unknown> = { ...procloom };
    const { Process: _own, getStartMethod: _method, ...shared } = context;
    for (const [name, value] of Object.entries(shared)) expect(value).toBe(own[name]);
  });

  test('its processes start by it, and are of a class of their own', async () => {
    setStartMethod('spawn');
    using queue = new context.Queue();
    const child = new context.Process({ target: reporting('tellStartMethods'), args: [queue, 0] });
    expect(child).toBeInstanceOf(Process);
    expect(context.Process).not.toBe(Process);
    expect(child.name.toLowerCase()).toMatch(new RegExp(`^${method}process-\\d+$`));
    expect(await child.start().join()).toBe(0);
    // As in Python: what a context starts has the default of its parent.
    expect(await queue.get()).toBe('spawn');
  });

  test('an object made in one context goes to processes of all', async () => {
    using total = new context.Value('i', 0);
    for (const other of getAllStartMethods()) {
      const child = new (getContext(other).Process)({ target: reporting('add'), args: [total, 2] });
      expect(await child.start().join()).toBe(0);
    }
    expect(total.value).toBe(2 * getAllStartMethods().length);
  });
});

test('without a method the default is meant, and fixed', () => {
  expect(getContext().getStartMethod()).toBe(getAllStartMethods()[0]);
  expect(getStartMethod({ allowNone: true })).toBe(getAllStartMethods()[0]);
});

test('a subclass of a context’s class starts by its method', async () => {
  const { stdout, stderr } = await runProgram('contexts.mjs');
  expect(stderr).toBe('');
  expect(stdout).toBe(
    getAllStartMethods()
      .map((method) => `${method} said ${method} true true\n0\n`)
      .join(''),
  );
});

test('no such method', () => {
  expect(() => getContext('fork' as never)).toThrow(/method must be one of 'spawn'/);
  expect(getStartMethod({ allowNone: true })).toBe(null);
});
