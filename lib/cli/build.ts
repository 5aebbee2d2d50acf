#!/usr/bin/env node
/**
 * `procloom-build`: compiles the addon on this machine, for platforms without a prebuilt binary.
 *
 * It works in a copy of the sources (the package's folder stays as it was installed, with no binding.gyp that package
 * managers would act upon) and puts the result where the loader looks first: build/Release/ of the package.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { OWN_BUILD } from '../addon/candidates.js';

/** native/toolchain/compile.mjs: plain JavaScript, because the set-up of the checkout runs it before any compiler of ours. */
interface Toolchain {
  compileAddon(options: {
    packageRoot: string;
    workFolder: string;
    body?: string;
    onOutput?: (chunk: string) => void;
  }): Promise<string>;
}

const usage = `usage: procloom-build [--body linux|posix] [--verbose]

Compiles procloom's addon for this machine, with the node-gyp that npm carries. Needs a C++20 compiler, make and Python 3.

  --body     how waiting is done: linux (futexes) or posix (semaphores); default: what suits the system.
             All processes that share objects must use the same.
  --verbose  show what the compiler prints`;

const BODIES = ['linux', 'posix'];

const bindingGyp = `{
  'includes': ['native/toolchain/procloom.gypi'],
  'targets': [{ 'target_name': 'procloom' }],
}
`;

const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

async function build(body: string | undefined, verbose: boolean): Promise<string> {
  const workFolder = mkdtempSync(join(tmpdir(), 'procloom-build-'));
  try {
    cpSync(join(packageRoot, 'native'), join(workFolder, 'native'), { recursive: true });
    writeFileSync(join(workFolder, 'binding.gyp'), bindingGyp);
    const toolchain = new URL('../../native/toolchain/compile.mjs', import.meta.url).href;
    const { compileAddon } = (await import(toolchain)) as Toolchain;
    const compiled = await compileAddon({
      packageRoot,
      workFolder,
      ...(body ? { body } : {}),
      ...(verbose ? { onOutput: (chunk: string) => process.stderr.write(chunk) } : {}),
    });
    checkLoads(compiled);
    const target = join(packageRoot, ...OWN_BUILD);
    mkdirSync(dirname(target), { recursive: true });
    // In two steps, so that a process that starts meanwhile finds the old one or the new one, never half of it.
    copyFileSync(compiled, `${target}.new`);
    renameSync(`${target}.new`, target);
    return target;
  } finally {
    rmSync(workFolder, { recursive: true, force: true });
  }
}

/** In a process of its own: an addon that crashes on load must not take this program along, nor stay loaded in it. */
function checkLoads(file: string): void {
  const attempt = spawnSync(process.execPath, ['-e', 'require(process.argv[1])', file], { encoding: 'utf8' });
  if (attempt.status === 0) return;
  const why = attempt.stderr.trim() || `the process was ended by ${attempt.signal ?? `exit code ${attempt.status}`}`;
  throw new Error(`The addon was compiled, but it does not load here, so it was not installed: ${why}`);
}

try {
  const { values } = parseArgs({
    options: {
      body: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
  } else if (values.body !== undefined && !BODIES.includes(values.body)) {
    throw new RangeError(`--body ${values.body}: there is no such body; use one of ${BODIES.join(', ')}.`);
  } else {
    console.error('procloom-build: compiling the addon; this takes a minute …');
    console.error(`procloom-build: installed ${await build(values.body, values.verbose)}`);
  }
} catch (error) {
  console.error(`procloom-build: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
