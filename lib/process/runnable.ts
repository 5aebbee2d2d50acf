/** From a reference to the function it means: import the module and take the export. */
import { createError } from '../errors/codes.js';
import { compile } from './inline.js';
import { referTo, type Target, type TargetReference } from './target.js';

export type RunnableTarget = (args: unknown[], kwargs: Record<string, unknown> | undefined) => unknown;

/** @throws what importing the module throws; SerializeError when it has no such function */
export async function load(reference: TargetReference): Promise<(...args: unknown[]) => unknown> {
  if ('source' in reference) return compile(reference.source, reference.name);
  const namespace = (await import(reference.module)) as Record<string, unknown>;
  const found = member(namespace, reference.export) ?? member(namespace['default'], reference.export);
  if (typeof found === 'function') return found as (...args: unknown[]) => unknown;
  throw createError('ERR_PROCLOOM_TARGET', `target ${reference.module}#${reference.export}`, {
    why: found === undefined ? 'the module has no such export' : `that export is no function but ${typeof found}`,
    remedy: `It exports: ${Object.keys(namespace).join(', ') || 'nothing'}.`,
  });
}

/** 'Jobs.run' is the method of an exported class; it is called on its class. */
function member(holder: unknown, path: string): unknown {
  if (holder === null || (typeof holder !== 'object' && typeof holder !== 'function')) return undefined;
  const direct = (holder as Record<string, unknown>)[path];
  const dot = path.indexOf('.');
  if (direct !== undefined || dot < 0) return direct;
  const owner = (holder as Record<string, unknown>)[path.slice(0, dot)];
  const method = member(owner, path.slice(dot + 1));
  return typeof method === 'function' ? method.bind(owner) : method;
}

export function call(fn: (...args: unknown[]) => unknown, args: unknown[], kwargs: object | undefined): unknown {
  return kwargs === undefined ? fn(...args) : fn(...args, kwargs);
}

/** Calls a target in this process. */
export function callTarget(target: Target, args: unknown[], kwargs: object | undefined): unknown {
  if (typeof target === 'function') return call(target as (...args: unknown[]) => unknown, args, kwargs);
  return load(referTo(target)).then((fn) => call(fn, args, kwargs));
}
