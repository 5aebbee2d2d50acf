/** From a reference to the function it means: import the module and take the export. */
import type { TargetReference } from './target.js';

export type AnyFunction = (...args: unknown[]) => unknown;

/** @throws what importing the module throws; SerializeError when it has no such function */
export async function load(reference: TargetReference): Promise<AnyFunction> {
  if ('source' in reference) return (await import('./inline.js')).compile(reference.source, reference.name);
  const namespace = (await import(reference.module)) as Record<string, unknown>;
  const found = member(namespace, reference.export) ?? member(namespace['default'], reference.export);
  if (typeof found === 'function') return found as AnyFunction;
  const { createError } = await import('../errors/codes.js');
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
  return typeof method === 'function' ? (method.bind(owner) as AnyFunction) : method;
}

/** Python's `target(*args, **kwargs)`: the keywords are one last argument. */
export function call(fn: AnyFunction, args: unknown[], kwargs: object | undefined): unknown {
  return kwargs === undefined ? fn(...args) : fn(...args, kwargs);
}
