/**
 * Around each test file: it gets a directory of shared memory and one for temporary files of its own, and at its end must
 * have left nothing: no child, no segment, no descriptor, no file. Tests close what they open and join what they start.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect } from 'vitest';

import type { Native } from '../../lib/addon/native.js';
import { childrenOf } from './children.js';
import { newDescriptors, openDescriptors } from './descriptors.js';

const given = process.env['PROCLOOM_DIR'];
const shared = existsSync('/dev/shm') ? '/dev/shm' : '/tmp';
const directory = given ? `${given}/${process.pid}` : `${shared}/procloom-test-${process.pid}`;
mkdirSync(directory, { recursive: true, mode: 0o700 });
process.env['PROCLOOM_DIR'] = directory;

// Its children inherit it, so that what they leave is found as well.
const temporary = mkdtempSync(join(tmpdir(), 'procloom-t-'));
process.env['TMPDIR'] = temporary;

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

/** The first arena of a process stays for its next small objects, as an allocator's memory does: one, and no larger. */
const FIRST_ARENA_BYTES = 64 * 1024;

function keptArena(addon: Native): string[] {
  const arenas = addon.list().filter(({ kind, bytes }) => kind === addon.kind.ARENA && bytes <= FIRST_ARENA_BYTES);
  return arenas.slice(0, 1).map(({ file }) => file);
}

async function segmentsLeft(addon: Native): Promise<string[]> {
  return settled(() => {
    addon.sweep();
    const kept = keptArena(addon);
    const left = addon.list().filter(({ file }) => !kept.includes(file));
    return left.map(({ file, kind, bytes, named }) => {
      const name = Object.entries(addon.kind).find(([, value]) => value === kind)?.[0] ?? `kind ${kind}`;
      return `${file} (${name}, ${bytes} bytes${named ? ', named' : ''})`;
    });
  });
}

/** What 'forkserver' keeps ready is there for as long as its process: it goes now, if there is any. */
async function endSpares(): Promise<void> {
  if (!childrenOf(process.pid).some((child) => child.includes('spare-main'))) return;
  const { setSpares } = await import('../../lib/process/start/spares.js');
  setSpares({ count: 0 });
}

afterAll(async () => {
  const addon = loadedAddon();
  await endSpares();
  const left = {
    'children: join() or terminate() them': await settled(() =>
      childrenOf(process.pid).filter((child) => !childrenBefore.includes(child)),
    ),
    'segments: close() objects, and unlink() named ones': addon ? await segmentsLeft(addon) : [],
    'descriptors: close() what was opened': await settled(() => {
      addon?.sweep(); // with it go the doorbells of the dead that were opened for ringing them
      return newDescriptors(descriptorsBefore, addon?.directory ?? '', addon ? keptArena(addon) : []);
    }),
    'temporary files: remove them': await settled(() => readdirSync(temporary)),
    'files in the private directory, although this process left it': [] as string[],
  };
  addon?.leave();
  // The last to leave removes the directory, too.
  left['files in the private directory, although this process left it'] = existsSync(directory)
    ? readdirSync(directory)
    : [];
  rmSync(directory, { recursive: true, force: true });
  rmSync(temporary, { recursive: true, force: true });
  const findings = Object.entries(left).filter(([, found]) => found.length > 0);
  expect(Object.fromEntries(findings), 'this file left something behind').toEqual({});
});
