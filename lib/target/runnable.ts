/** From a reference to the function it means: import the module and take the export. */
import type { TargetReference } from './target.js';

export type AnyFunction = (...args: unknown[]) => unknown;

interface Modules {
  /** Those of CommonJS that no loader knows: see packed-main.ts. */
  given: Map<string, { exports: unknown }>;
  /** Those that load() has imported: code that blocks cannot import them again. */
  imported: Map<string, Record<string, unknown>>;
}

const modulesKey = Symbol.for('procloom.modules');

/** Kept with the process, as the identity is: what a child begins with has a copy of this module, and may not be alone. */
const process = globalThis.process as { [modulesKey]?: Modules };

function known(): Modules {
  return (process[modulesKey] ??= { given: new Map(), imported: new Map() });
}

/** Has references to `url` mean that CommonJS module. */
export function giveModule(url: string, module: { exports: unknown }): void {
  known().given.set(url, module);
}

export function givenModule(url: string): { exports: unknown } | undefined {
  return known().given.get(url);
}

/** @throws what importing the module throws; SerializeError when it has no such function */
export async function load(reference: TargetReference): Promise<AnyFunction> {
  if ('source' in reference) return (await import('./inline.js')).compile(reference.source, reference.name);
  const namespace = await importModule(reference.module);
  known().imported.set(reference.module, namespace);
  const found = exportOf(namespace, reference.export);
  if (typeof found === 'function') return found as AnyFunction;
  throw (await import('./runnable-at-once.js')).noFunction(namespace, reference);
}

async function importModule(module: string): Promise<Record<string, unknown>> {
  const given = givenModule(module);
  if (given !== undefined) return namespaceOf(given.exports);
  try {
    return (await import(module)) as Record<string, unknown>;
  } catch (error) {
    // import() knows nothing of loaders that only teach require() (--require ts-node/register), and says so before it
    // runs anything.
    if ((error as { code?: unknown }).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error;
    const required = (await import('./runnable-at-once.js')).requireKnown(module);
    if (required === undefined) throw error;
    return required;
  }
}

/** The module that load() has imported; undefined if it has not. */
export function importedModule(module: string): Record<string, unknown> | undefined {
  const given = givenModule(module);
  return given === undefined ? known().imported.get(module) : namespaceOf(given.exports);
}

/** As import() gives a module of CommonJS. */
export function namespaceOf(exports: unknown): Record<string, unknown> {
  return { default: exports, ...(Object(exports) as Record<string, unknown>) };
}

/** 'Jobs.run' is a static method of the export 'Jobs'. What a CommonJS module exports is the default of its namespace. */
export function exportOf(namespace: Record<string, unknown>, path: string): unknown {
  const direct = member(namespace, path);
  if (typeof direct === 'function') return direct;
  return member(namespace['default'], path) ?? direct;
}

/** 'Jobs.run' is the method of an exported class; it is called on its class. */
function member(holder: unknown, path: string): unknown {
  if (holder === null || (typeof holder !== 'object' && typeof holder !== 'function')) return undefined;
  const direct = (holder as Record<string, unknown>)[path];
  const dot = path.indexOf('.');
  if (direct !== undefined || dot < 0) return direct;
  const owner = (holder as Record<string, unknown>)[path.slice(0, dot)];
  const method = member(owner, path.slice(dot + 1));
  return typeof method === 'function' ? (method.bind(owner) as AnyFunction) : method;
}

/** Python's `target(*args, **kwargs)`: the keywords are one last argument. */
export function call(fn: AnyFunction, args: unknown[], kwargs: object | undefined): unknown {
  return kwargs === undefined ? fn(...args) : fn(...args, kwargs);
}
