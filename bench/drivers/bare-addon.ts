/**
 * The benchmark's own addon (native/bench/): what procloom is measured beside, as bare as it can be. Its drivers owe
 * procloom nothing: their second process is started by hand and inherits memory that both map.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { projectRoot } from '../data/root.js';
import type { Context } from './driver.js';
import { peerScript } from './peer-script.js';

interface Memory {
  /** A descriptor of memory that a second process may inherit. */
  share(bytes: number): number;
  map(descriptor: number): ArrayBuffer;
}

const addonFile = join(projectRoot, 'build-bench/build/Release/procloom_bench.node');

export function loadBareAddon<Verbs>(): Memory & Verbs {
  try {
    return createRequire(import.meta.url)(addonFile) as Memory & Verbs;
  } catch (error) {
    throw new Error(`${addonFile} did not load: compile it with 'node scripts/setup.mjs --bench'`, { cause: error });
  }
}

/** Where the second process finds the first of what it inherits. */
export const INHERITED = 3;

export function startBarePeer(context: Context, ...descriptors: number[]): ChildProcess {
  return spawn(process.execPath, [peerScript, context.peerSpec], {
    stdio: ['ignore', 'ignore', 'inherit', ...descriptors],
  });
}
