/**
 * With what a child begins: a file of this package. Of a program that is packed into one executable it is the program
 * itself, whose main module comes to freezeSupport().
 */
import { fileURLToPath } from 'node:url';

import { createError } from '../../errors/codes.js';
import { isBundled, isPacked, packedMain, packedMainUrl } from '../../target/packed-main.js';
import type { TargetReference } from '../../target/target.js';
import { inheritedExecArgv } from '../exec-argv.js';
import { ownIdentity } from '../identity.js';
import type { StartOptions } from './started.js';

/**
 * What the program of a process is called with.
 *
 * @throws ProcessError where there is nothing to begin with
 */
export function childArguments({ name, execArgv }: StartOptions): string[] {
  if (isPacked()) return packedArguments(name, execArgv);
  if (isBundled(import.meta.url)) throw bundled('ERR_PROCLOOM_SPAWN', name, 'a process');
  const bootstrap = fileURLToPath(new URL('../child-main.js', import.meta.url));
  return [...(execArgv ?? inheritedExecArgv()), bootstrap, name];
}

/** @throws ProcessError where there is nothing to begin with */
export function threadProgram({ name }: StartOptions): URL {
  if (isBundled(import.meta.url)) throw bundled('ERR_PROCLOOM_START_METHOD', name, 'a thread');
  return new URL('../thread-main.js', import.meta.url);
}

function packedArguments(name: string, execArgv: readonly string[] = []): string[] {
  if (execArgv.length === 0) return [name];
  throw createError('ERR_PROCLOOM_START_METHOD', `start of ${name}`, {
    why: `execArgv is [${execArgv.join(', ')}], and a packed program takes no flags of Node's`,
    remedy: 'Those that Node takes from there may stand in env.NODE_OPTIONS.',
  });
}

/**
 * Without freezeSupport() a child would be the main program once more, and start children in its turn.
 *
 * @throws ProcessError in a packed program that has not called it
 */
export function checkFreezeSupport(name: string): void {
  // A thread that was started as a child comes of a process that has called it.
  if (!isPacked() || packedMain() !== undefined || ownIdentity().thread !== undefined) return;
  throw createError('ERR_PROCLOOM_FREEZE_SUPPORT', `start of ${name}`);
}

/** @throws ProcessError for what only the main module of a packed program has, which no thread is given */
export function checkFoundInThread(name: string, references: readonly (TargetReference | undefined)[]): void {
  // Where the package has no files either, threadProgram() tells that.
  if (!isPacked() || isBundled(import.meta.url)) return;
  const main = packedMainUrl();
  const ofMain = references.find((reference) => reference && 'module' in reference && reference.module === main);
  if (ofMain === undefined) return;
  throw createError('ERR_PROCLOOM_START_METHOD', `start of ${name}`, {
    why: 'its target is in the main module of a packed program, which is no file that a thread could import',
    remedy: "Start it by 'spawn', or keep the target in a file beside the executable, or send it with inline(fn).",
  });
}

function bundled(code: 'ERR_PROCLOOM_SPAWN' | 'ERR_PROCLOOM_START_METHOD', name: string, what: string) {
  return createError(code, `start of ${name}`, {
    why: `${what} begins with a file of procloom's, which was bundled into this program and has no files here`,
    remedy: isPacked()
      ? "Start it by 'spawn', or leave procloom out of the bundle and beside the executable."
      : 'Leave procloom out of the bundle (esbuild: --external:procloom).',
  });
}
