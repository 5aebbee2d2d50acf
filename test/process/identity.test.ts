// A process is one process, however many copies of the package it loads.
import { expect, test } from 'vitest';

import * as identity from '../../lib/process/identity.js';

test('copies of the package share who the process is', async () => {
  const url = new URL('../../dist/process/identity.js?copy', import.meta.url);
  const copy = (await import(url.href)) as typeof identity;
  expect(copy.ownIdentity).not.toBe(identity.ownIdentity);
  expect(copy.ownIdentity()).toBe(identity.ownIdentity());
  const [number] = identity.nextPath();
  expect(copy.nextPath()).toEqual([number! + 1]);
  expect(copy.ownAuthkey()).toBe(identity.ownAuthkey());
});
