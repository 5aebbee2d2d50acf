// One set-up at a time in a checkout. A folder is the lock (mkdir either makes it or fails); it names its holder, so that
// a lock left by a run that was killed can be told from one in use.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { at } from './places.mjs';

const checkoutLock = at('.setup', 'lock');
/** A lock without a holder's name that is older than this was left between the two steps of taking it. */
const namelessForMs = 5_000;

function holder(folder) {
  try {
    return Number(readFileSync(join(folder, 'pid'), 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Moves an abandoned lock out of the way. Renaming is atomic, so of several that try one succeeds. */
function clearAbandoned(folder) {
  const pid = holder(folder);
  if (pid === undefined) {
    const age = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age < namelessForMs) return;
  } else if (isAlive(pid)) {
    return;
  }
  const aside = `${folder}.${process.pid}`;
  try {
    renameSync(folder, aside);
    // Between the look and the move another run may have cleared it and taken the lock anew: then it goes back.
    if (holder(aside) !== pid) renameSync(aside, folder);
    else rmSync(aside, { recursive: true, force: true });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

/** Runs `work` while no other process runs any in this checkout. */
export async function exclusively(work, folder = checkoutLock) {
  mkdirSync(dirname(folder), { recursive: true });
  for (let told = false; ;) {
    try {
      mkdirSync(folder);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    clearAbandoned(folder);
    if (!told && holder(folder) !== undefined) {
      console.error(`set-up: waiting for the set-up of process ${holder(folder)}`);
      told = true;
    }
    await sleep(100);
  }
  writeFileSync(join(folder, 'pid'), String(process.pid));
  try {
    return await work();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
