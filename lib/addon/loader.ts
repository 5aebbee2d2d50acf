/**
 * Loads the compiled addon; each thread that uses the package comes through here once.
 *
 *   PROCLOOM_ADDON (a path: nothing else is tried)  →  build/Release/  →  prebuilds/<platform>-<arch>/
 *
 * Children are given PROCLOOM_ADDON by their parent: it spares them the search, and parent and child then cannot differ
 * in their layouts.
 */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ProcloomError } from '../errors/errors.js';
import { OWN_BUILD, type Candidate, prebuilt } from './candidates.js';
import type { Native } from './native.js';

const require = createRequire(import.meta.url);
/** dist/addon/ stands two below the package's root, and so does lib/addon/. */
const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error)).split('\n')[0];

function loadFile(file: string): Native {
  try {
    return require(file) as Native;
  } catch (cause) {
    throw new ProcloomError(
      `The addon named by the environment variable PROCLOOM_ADDON, ${file}, could not be loaded: ${reasonOf(cause)}. ` +
        'Correct the variable, or unset it to have the addon looked for in the package.',
      { code: 'ERR_PROCLOOM_ADDON_MISSING', cause },
    );
  }
}

function search(): { native: Native; file: string } {
  const bindings = require('bindings') as typeof import('bindings');
  const failures: Error[] = [];
  const tried: string[] = [];
  // One at a time rather than as one list: bindings gives up at the first file that is there and does not load.
  for (const candidate of [() => OWN_BUILD, prebuilt]) {
    const place: Candidate = candidate();
    const file = join(packageRoot, ...place);
    try {
      const native = bindings({
        bindings: place.at(-1)!,
        module_root: packageRoot,
        try: [['module_root', ...place.slice(0, -1), 'bindings']],
      }) as Native;
      return { native, file };
    } catch (error) {
      const missing = reasonOf(error)?.startsWith('Could not locate the bindings file');
      tried.push(`  ${file}: ${missing ? 'there is no such file' : reasonOf(error)}`);
      failures.push(error as Error);
    }
  }
  throw new ProcloomError(
    `procloom's compiled addon was not found for ${process.platform}-${process.arch}, Node ${process.version}. Tried:\n` +
      `${tried.join('\n')}\n` +
      'Compile it for this machine with: npx procloom-build',
    { code: 'ERR_PROCLOOM_ADDON_MISSING', cause: new AggregateError(failures, 'no place had an addon that loads') },
  );
}

function load(): { native: Native; file: string } {
  const named = process.env['PROCLOOM_ADDON'];
  if (!named) return search();
  const file = resolve(named);
  return { native: loadFile(file), file };
}

const loaded = load();

/** The addon. */
export const native: Native = loaded.native;
/** The file it was loaded from: what children are given as PROCLOOM_ADDON. */
export const addonFile: string = loaded.file;
