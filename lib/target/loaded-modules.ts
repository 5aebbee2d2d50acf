/** What modules that were loaded already export. Nothing here loads or runs one. */
import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { types } from 'node:util';

import type { AnyFunction } from './inspection.js';

/** It is the same from everywhere. A module of ours that was bundled to CommonJS does not know where it is. */
const { cache } = createRequire(process.execPath);

export interface Loaded {
  exports: unknown;
  isCommonJs: boolean;
}

/** Whether a module of CommonJS was loaded from that file. */
export function isCommonJsFile(file: string): boolean {
  return cache[file] !== undefined;
}

/** undefined for an ES module that is being evaluated still, or whose namespace cannot be had without waiting. */
export function loadedModule(url: string): Loaded | undefined {
  // Node's loader of ES modules has one module for each query, that of CommonJS knows none.
  if (!url.startsWith('file:') || /[?#]/.test(url)) return undefined;
  const file = fileURLToPath(url);
  const known = cache[file];
  if (known !== undefined && !types.isModuleNamespaceObject(known.exports)) {
    return { exports: known.exports as unknown, isCommonJs: true };
  }
  const exports = namespaceOf(file);
  return exports === undefined ? undefined : { exports, isCommonJs: false };
}

/**
 * require() gives the namespace of an ES module that was imported before, but would evaluate one that was not. So Node is
 * told that the text of the module is '(': a module that it has is given without a look at the text, and one that it
 * has not is a syntax error before anything came of it.
 */
function namespaceOf(file: string): object | undefined {
  const asked = new Module(file) as Module & { _compile(text: string, file: string, format: string): void };
  asked.filename = file;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    // oxlint-disable-next-line no-underscore-dangle -- Node's name; many loaders replace it, so it stays
    asked._compile('(', file, 'module');
  } catch {
    return undefined;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return types.isModuleNamespaceObject(asked.exports) ? asked.exports : undefined;
}

/** The name under which it is exported, compared by identity; 'Jobs.run' for a static method of an exported class. */
export function exportThatIs(fn: AnyFunction, { exports, isCommonJs }: Loaded): string | undefined {
  if (exports === fn) return 'default';
  const root = isCommonJs && typeof exports === 'function' ? 'default.' : '';
  const members = membersOf(exports, fn.name);
  for (const [name, value] of members) if (value === fn) return `${root}${name}`;
  for (const [name, value] of members) {
    if (typeof value !== 'function') continue;
    const method = membersOf(value, fn.name).find(([, member]) => member === fn)?.[0];
    if (method !== undefined && !name.includes('.')) return `${root}${name}.${method}`;
  }
  return undefined;
}

/** Compilers to CommonJS export through getters. Other getters (lazy loading) are not called, but one of its name. */
function membersOf(holder: unknown, likely: string): [name: string, value: unknown][] {
  if (holder === null || (typeof holder !== 'object' && typeof holder !== 'function')) return [];
  const compiled = (Object.getOwnPropertyDescriptor(holder, '__esModule')?.value as unknown) === true;
  const members: [string, unknown][] = [];
  for (const name of Object.getOwnPropertyNames(holder)) {
    try {
      const descriptor = Object.getOwnPropertyDescriptor(holder, name)!;
      if (descriptor.get === undefined) members.push([name, descriptor.value]);
      else if (compiled || name === likely) members.push([name, (holder as Record<string, unknown>)[name]]);
    } catch {
      // Not initialised yet, in a circle of modules.
    }
  }
  return members;
}

/** A CommonJS module that exports it under its own name, or as the whole, and has its text at that place. */
export function commonJsModuleOf(fn: AnyFunction, isDefinedIn: (text: string) => boolean): string | undefined {
  for (const [file, module] of Object.entries(cache)) {
    const exports = module?.exports as unknown;
    if (exports === null || (typeof exports !== 'object' && typeof exports !== 'function')) continue;
    if (types.isProxy(exports) || types.isModuleNamespaceObject(exports)) continue;
    if (exports !== fn && Object.getOwnPropertyDescriptor(exports, fn.name)?.value !== fn) continue;
    const text = textOf(pathToFileURL(file).href);
    if (text !== undefined && isDefinedIn(text)) return pathToFileURL(file).href;
  }
  return undefined;
}

/** How many files are looked through before the inspector is asked. */
const MOST_FILES = 32;

/** The files that these modules import by a relative path, and those that they import, the nearest first. */
export function* importedFiles(from: string[]): Generator<{ url: string; text: string }> {
  const seen = new Set(from);
  const waiting = [...from];
  for (let url = waiting.shift(); url !== undefined && seen.size <= MOST_FILES; url = waiting.shift()) {
    const text = textOf(url);
    if (text === undefined) continue;
    yield { url, text };
    // What is no import is no harm: every file is only looked at.
    for (const [, , specifier] of text.matchAll(/\b(?:from|import|require)\s*\(?\s*(['"])(\.{1,2}\/[^'"\n]*)\1/g)) {
      const next = new URL(specifier!, url).href;
      if (!seen.has(next)) waiting.push(next);
      seen.add(next);
    }
  }
}

/** The text of the file as it is now; undefined where there is none. */
export function textOf(url: string): string | undefined {
  if (!url.startsWith('file:')) return undefined;
  try {
    return readFileSync(new URL(url.replace(/[?#].*$/, '')), 'utf8');
  } catch {
    return undefined;
  }
}
