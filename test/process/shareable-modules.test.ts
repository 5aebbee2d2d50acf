// A child finds the module of every kind of shareable there is.
import { expect, test } from 'vitest';

import '../../lib/index.js';
import { modules } from '../../lib/process/shareable-modules.js';
import { shareableKinds } from '../../lib/serialize/shareables.js';

test('every kind that the package registers has its module, and no other', () => {
  expect(shareableKinds().length).toBeGreaterThan(5);
  expect(Object.keys(modules).sort()).toEqual(shareableKinds().sort());
});
