/**
 * Around each test file: it gets a directory of shared memory of its own, and at its end must have left nothing: no
 * child, no segment, no descriptor. Tests close what they open and join what they start.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect } from 'vitest';

import type { Native } from '../../lib/addon/native.js';
import { childrenOf } from './children.js';
import { newDescriptors, openDescriptors } from './descriptors.js';

/** PROCLOOM_TEST_PLACE=default: the directory that users have. It is shared, so only the whole run can judge it. */
const inDefaultPlace = process.env['PROCLOOM_TEST_PLACE'] === 'default';

if (!inDefaultPlace) {
  const given = process.env['PROCLOOM_DIR'];
  const shared = existsSync('/dev/shm') ? '/dev/shm' : '/tmp';
  const directory = given ? `${given}/${process.pid}` : `${shared}/procloom-test-${process.pid}`;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  process.env['PROCLOOM_DIR'] = directory;
}

const directory = inDefaultPlace ? undefined : process.env['PROCLOOM_DIR']!;
const childrenBefore = childrenOf(process.pid);
const descriptorsBefore = openDescriptors();

/** The addon, if this file's tests loaded it: loading it here would load it for every file. */
function loadedAddon(): Native | undefined {
  const { cache } = createRequire(import.meta.url);
  const file = Object.keys(cache).find((path) => path.endsWith('.node') && path.includes('procloom'));
  return file ? (cache[file]!.exports as Native) : undefined;
}

/** What goes away by itself may take a moment: the garbage collector, a child on its way out. */
async function settled(find: () => string[]): Promise<string[]> {
  const patienceMs = 5_000;
  const started = performance.now();
  for (;;) {
    const left = find();
    if (left.length === 0 || performance.now() - started > patienceMs) return left;
    await sleep(20);
    globalThis.gc?.();
  }
}

afterAll(async () => {
  const addon = loadedAddon();

  const children = await settled(() => childrenOf(process.pid).filter((child) => !childrenBefore.includes(child)));
  expect(children, 'children left by this file: join() or terminate() them').toEqual([]);

  if (addon && directory) {
    const segments = await settled(() => {
      addon.sweep();
      return addon.list().map(({ file, kind, bytes, named }) => {
        const name = Object.entries(addon.kind).find(([, value]) => value === kind)?.[0] ?? `kind ${kind}`;
        return `${file} (${name}, ${bytes} bytes${named ? ', named' : ''})`;
      });
    });
    expect(segments, 'segments left by this file: close() objects, and unlink() named ones').toEqual([]);
  }

  const descriptors = await settled(() => newDescriptors(descriptorsBefore, directory));
  expect(descriptors, 'descriptors left open by this file').toEqual([]);

  if (addon && directory) {
    addon.leave();
    expect(readdirSync(directory), `files left in ${directory} after this process left`).toEqual([]);
  }
  if (directory) rmSync(directory, { recursive: true, force: true });
});
