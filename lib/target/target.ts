/**
 * What others are to run (a child, whoever comes last to a barrier): from the forms in which people give it to a
 * reference that they can follow.
 */
/* oxlint-disable typescript/no-explicit-any -- a target may take any arguments */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { invalidArgument, shown } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';
import type { SerializeError } from '../errors/errors.js';
import { callerUrl } from './caller.js';
import { codeOnly, declarationAt, exportedNames } from './exported-names.js';
import { locateFunction, type FunctionLocation } from './function-location.js';
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
    reference = find(fn);
    found.set(fn, reference);
  }
  return reference;
}

function find(fn: AnyFunction): TargetReference {
  const location = locateFunction(fn);
  if (location === undefined) throw notFound(fn, 'it is native or bound, so no module defines it');
  if (!location.url.startsWith('file:') && !location.url.startsWith('data:')) {
    throw notFound(
      fn,
      `it was defined in ${location.url === '' ? 'evaluated text' : location.url}, which is no module`,
    );
  }
  const name = commonJsExport(fn, location.url) ?? exportAt(fn, location);
  if (name === undefined) throw notFound(fn, `${placeText(location.url)} does not export it`);
  return { module: location.url, export: name };
}

/** Of a CommonJS module, what it exports now can be looked at. */
function commonJsExport(fn: AnyFunction, url: string): string | undefined {
  if (!url.startsWith('file:')) return undefined;
  const { cache } = createRequire(import.meta.url);
  const exported = cache[fileURLToPath(url)]?.exports as unknown;
  return exported === undefined ? undefined : memberOf(exported, fn);
}

function memberOf(exported: unknown, fn: AnyFunction): string | undefined {
  if (exported === fn) return 'default';
  const members = Object.entries(Object.getOwnPropertyDescriptors(Object(exported) as object));
  for (const [name, { value }] of members) if (value === fn) return name;
  for (const [name, { value }] of members) {
    if (typeof value !== 'function') continue;
    const statics = Object.entries(Object.getOwnPropertyDescriptors(value));
    const method = statics.find(([, own]) => own.value === fn)?.[0];
    if (method !== undefined) return `${name}.${method}`;
  }
  return undefined;
}

function exportAt(fn: AnyFunction, { source, offset }: FunctionLocation): string | undefined {
  const code = codeOnly(source);
  const { locals, method, isDefault } = isClass(fn)
    ? { locals: [], method: undefined, isDefault: false }
    : declarationAt(code, offset);
  if (isDefault) return 'default';
  const names = exportedNames(code);
  if (method === undefined) return [...locals, fn.name].flatMap((local) => names.get(local) ?? [])[0];
  const className = locals.flatMap((local) => names.get(local) ?? [])[0];
  return className === undefined ? undefined : `${className}.${method}`;
}

function isClass(fn: AnyFunction): boolean {
  return /^class\b/.test(sourceOf(fn));
}

function notFound(fn: AnyFunction, why: string): SerializeError {
  return createError('ERR_PROCLOOM_TARGET', `sending ${shown(fn)} to a process`, {
    why,
    remedy:
      'A child imports the module and calls the export: export the function, name it as ' +
      "'file.js#export' or { module, export }, or send its source with inline(fn) if it uses nothing around it.",
    path: 'target',
  });
}

function placeText(url: string): string {
  return url.startsWith('file:') ? fileURLToPath(url) : url.slice(0, 80);
}
