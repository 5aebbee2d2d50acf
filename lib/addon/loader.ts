/**
 * Loads the compiled addon; each thread that uses the package comes through here once.
 *
 *   PROCLOOM_ADDON (a path: nothing else is tried)  →  build/Release/  →  prebuilds/<platform>-<arch>/
 *   …                       where a bundler has made this package part of a program  →  beside the executable
 *
 * Children are given PROCLOOM_ADDON by their parent: it spares them the search, and parent and child then cannot differ
 * in their layouts.
 */
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { ProcloomError } from '../errors/errors.js';
import { type Candidate, FILE, OWN_BUILD, prebuilt } from './candidates.js';
import type { Native } from './native.js';

/** For absolute paths, so it does not matter that it is the executable's. */
const require = createRequire(process.execPath);

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
  const { url } = import.meta as { url?: string };
  // Bundlers leave it out, or say that it is the program.
  return url === undefined || url === pathToFileURL(process.execPath).href ? besideExecutable() : inPackage();
}

function besideExecutable(): { native: Native; file: string } {
  const file = join(dirname(process.execPath), FILE);
  try {
    return { native: require(file) as Native, file };
  } catch (cause) {
    throw new ProcloomError(
      `procloom was bundled into this program, and its compiled addon, ${file}, could not be loaded: ${reasonOf(cause)}. ` +
        'Lay it beside the executable (it is in prebuilds/ of the package), or name it by the environment variable ' +
        'PROCLOOM_ADDON; a program that node runs leaves procloom out of the bundle (esbuild: --external:procloom).',
      { code: 'ERR_PROCLOOM_ADDON_MISSING', cause },
    );
  }
}

function inPackage(): { native: Native; file: string } {
  // dist/addon/ stands two below the package's root, and so does lib/addon/.
  const packageRoot = fileURLToPath(new URL('../..', import.meta.url));
  const bindings = createRequire(import.meta.url)('bindings') as typeof import('bindings');
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
