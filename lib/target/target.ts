/**
 * What others are to run (a child, whoever comes last to a barrier): from the forms in which people give it to a
 * reference that they can follow.
 */
/* oxlint-disable typescript/no-explicit-any -- a target may take any arguments */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { invalidArgument } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import { callerUrl } from './caller.js';
import { homeOf } from './function-home.js';
import { isInline, sourceOf } from './inline.js';

type AnyFunction = (...args: never[]) => unknown;

/**
 * What a child can run: a function exported by a module (passed as itself: it is found by where it was defined), a
 * reference `{ module, export }` or 'file.js#export', or, with inline(), a self-contained function by source. Files are
 * meant relative to the module that names them; without an export the default one is meant.
 */
export type Target<A extends unknown[] = any[], R = unknown> =
  ((...args: A) => R | PromiseLike<R>) | string | { module: string | URL; export?: string };

/** How a child finds it. A dotted export is a static method: 'Jobs.run'. */
export type TargetReference = { module: string; export: string } | { source: string; name: string };

const found = new WeakMap<AnyFunction, TargetReference>();

/**
 * Checks the form, and makes a file that is named relative to the caller absolute: to be called while the caller is on
 * the stack.
 *
 * @param what the name of the option
 */
export function checkTarget(target: unknown, what = 'target'): Target | undefined {
  if (target === undefined || typeof target === 'function') return target as Target | undefined;
  if (typeof target === 'string') {
    const hash = target.lastIndexOf('#');
    const [file, name] = hash < 0 ? [target, 'default'] : [target.slice(0, hash), target.slice(hash + 1)];
    if (file === '' || name === '') throw invalidArgument(TypeError, `${what} must be like 'file.js#export'`, target);
    return { module: moduleUrl(file, target, what), export: name };
  }
  if (typeof target === 'object' && target !== null && 'module' in target) {
    const { module, export: name = 'default' } = target as { module: unknown; export?: unknown };
    if (typeof name !== 'string' || name === '') {
      throw invalidArgument(TypeError, `${what}.export must be an export's name`, name);
    }
    if (module instanceof URL) return { module: module.href, export: name };
    if (typeof module === 'string' && module !== '') return { module: moduleUrl(module, module, what), export: name };
    throw invalidArgument(TypeError, `${what}.module must be a path or a URL`, module);
  }
  const rule = `${what} must be a function, 'file.js#export' or { module, export }`;
  throw invalidArgument(TypeError, rule, target);
}

function moduleUrl(module: string, asked: string, what: string): string {
  if (/^[a-z][a-z+.-]+:/i.test(module)) return module;
  const from = callerUrl() ?? pathToFileURL(`${process.cwd()}/`).href;
  const beside = new URL(module.startsWith('/') ? pathToFileURL(module) : module, from);
  if (existsSync(beside)) return beside.href;
  if (!/^\.{0,2}\//.test(module)) {
    try {
      return pathToFileURL(createRequire(from).resolve(module)).href;
    } catch {
      // Neither a file nor a package: told below.
    }
  }
  throw createError('ERR_PROCLOOM_TARGET', `${what} '${asked}'`, {
    why: `there is no file ${fileURLToPath(beside)}`,
    remedy: 'A path is meant relative to the module that gives it; an absolute path or a URL works too.',
  });
}

/** The reference of a checked target. Throws SerializeError for a function that a child could not find. */
export function referTo(target: Target): TargetReference {
  if (typeof target === 'function') return referToFunction(target as AnyFunction);
  const { module, export: name } = target as { module: string; export: string };
  return { module, export: name };
}

function referToFunction(fn: AnyFunction): TargetReference {
  if (isInline(fn)) return { source: sourceOf(fn), name: fn.name };
  let reference = found.get(fn);
  if (reference === undefined) {
    reference = homeOf(fn);
    found.set(fn, reference);
  }
  return reference;
}
