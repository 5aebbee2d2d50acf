// A child finds the module of every kind of shareable there is.
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';

import '../../lib/index.js';
import { modules } from '../../lib/process/shareable-modules.js';
import { shareableKinds } from '../../lib/serialize/shareables.js';

test('every kind that the package registers has its module, and no other', () => {
  expect(shareableKinds().length).toBeGreaterThan(5);
  expect(Object.keys(modules).sort()).toEqual(shareableKinds().sort());
});

test('the modules are there', () => {
  const process = new URL('../../lib/process/', import.meta.url);
  for (const module of Object.values(modules)) {
    expect(existsSync(new URL(module.replace(/\.js$/, '.ts'), process)), module).toBe(true);
  }
});
