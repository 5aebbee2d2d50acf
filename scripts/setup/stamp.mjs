// Stamps: a file in .setup/ holds the hash of all that a step was made from; while it still matches, the step is done.
// Contents are hashed, not times, because a checkout or a copy changes times without changing anything.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';

import { at } from './places.mjs';

function* filesBelow(path, skip) {
  const info = statSync(at(path), { throwIfNoEntry: false });
  if (!info) return;
  if (!info.isDirectory()) {
    yield path;
    return;
  }
  for (const name of readdirSync(at(path)).sort()) {
    const below = `${path}/${name}`;
    if (!skip.includes(below)) yield* filesBelow(below, skip);
  }
}

/**
 * The hash of files and folders (relative to the root) and of any facts beside them.
 *
 * @param {string[]} paths
 * @param {{ skip?: string[], facts?: unknown[] }} options
 */
export function hashOf(paths, { skip = [], facts = [] } = {}) {
  const hash = createHash('sha256').update(JSON.stringify(facts));
  for (const path of paths) {
    for (const file of filesBelow(path, skip)) hash.update(`\0${file}\0`).update(readFileSync(at(file)));
  }
  return hash.digest('hex');
}

const stampFile = (step) => at('.setup', `${step}.stamp`);

/** Whether `step` was done from exactly this, and all of its outputs (paths relative to the root) are still there. */
export function isDone(step, hash, outputs) {
  const file = stampFile(step);
  return existsSync(file) && readFileSync(file, 'utf8') === hash && outputs.every((path) => existsSync(at(path)));
}

export function markDone(step, hash) {
  mkdirSync(at('.setup'), { recursive: true });
  writeFileSync(stampFile(step), hash);
}

/** To be called before a step starts: one that fails half-way must not count as done. */
export function unmark(step) {
  rmSync(stampFile(step), { force: true });
}
