/**
 * With what a child begins: a file of this package. Of a program that is packed into one executable it is the program
 * itself, whose main module comes to freezeSupport().
 */
import { fileURLToPath } from 'node:url';

import { createError } from '../../errors/codes.js';
import type { ProcessError } from '../../errors/errors.js';
import { isBundled, isPacked, packedMain, packedMainUrl } from '../../target/packed-main.js';
import type { TargetReference } from '../../target/target.js';
import { inheritedExecArgv } from '../exec-argv.js';
import { ownExecutable } from '../executable.js';
import { ownIdentity } from '../identity.js';
import type { StartMethod } from '../start-method.js';
import type { StartOptions } from './started.js';

/** Whether children that are processes are this packed program once more, and not another Node (setExecutable). */
export function areThisProgram(): boolean {
  return isPacked() && ownExecutable() === process.execPath;
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

/** @throws ProcessError for what only the main module of a packed program has, where the child is not that program */
export function checkHasMain(
  name: string,
  method: StartMethod,
  targets: readonly (TargetReference | undefined)[],
): void {
  if (!isPacked()) return;
  const hasMain = method !== 'thread' && areThisProgram();
  const child = method === 'thread' ? 'a thread' : ownExecutable();
  const main = packedMainUrl();
  const ofMain = targets.some((target) => target !== undefined && 'module' in target && target.module === main);
  // Where the package has no files either, those who look for one tell that.
  if (hasMain || !ofMain || isBundled(import.meta.url)) return;
  throw createError('ERR_PROCLOOM_START_METHOD', `start of ${name}`, {
    why: `its target is in the main module of a packed program, which is no file that ${child} could import`,
    remedy:
      "Start it by 'spawn' as this program, or keep the target in a file beside the executable, or send it with inline(fn).",
  });
}

/** Found out once: start() waits for it. */
let bootstrap: string | undefined;

/**
 * What the program of a process is called with.
 *
 * @throws ProcessError where there is nothing to begin with
 */
export function childArguments({ name, execArgv }: StartOptions): string[] {
  if (areThisProgram()) return packedArguments(name, execArgv);
  if (isBundled(import.meta.url)) throw bundled('ERR_PROCLOOM_SPAWN', name, 'a process');
  bootstrap ??= fileURLToPath(new URL('../child-main.cjs', import.meta.url));
  return [...(execArgv ?? inheritedExecArgv()), bootstrap, name];
}

/** The program of a spare; undefined where one cannot begin. */
export function spareProgram(): string | undefined {
  if (areThisProgram() || isBundled(import.meta.url)) return undefined;
  return fileURLToPath(new URL('../spare-main.js', import.meta.url));
}

/** @throws ProcessError where there is nothing to begin with */
export function threadProgram({ name }: StartOptions): URL {
  if (isBundled(import.meta.url)) throw bundled('ERR_PROCLOOM_START_METHOD', name, 'a thread');
  return new URL('../thread-main.cjs', import.meta.url);
}

function packedArguments(name: string, execArgv: readonly string[] = []): string[] {
  if (execArgv.length === 0) return [name];
  throw createError('ERR_PROCLOOM_START_METHOD', `start of ${name}`, {
    why: `execArgv is [${execArgv.join(', ')}], and a packed program takes no flags of Node's`,
    remedy: 'Those that Node takes from there may stand in env.NODE_OPTIONS.',
  });
}

function bundled(code: 'ERR_PROCLOOM_SPAWN' | 'ERR_PROCLOOM_START_METHOD', name: string, what: string): ProcessError {
  return createError(code, `start of ${name}`, {
    why: `${what} begins with a file of procloom's, which was bundled into this program and has no files here`,
    remedy: isPacked()
      ? "Start it by 'spawn' as this program, or leave procloom out of the bundle and beside the executable."
      : 'Leave procloom out of the bundle (esbuild: --external:procloom).',
  });
}
