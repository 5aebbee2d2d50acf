/** Functions that travel as source text. */
import { checkFunction } from '../errors/arguments.js';
import { createError } from '../errors/codes.js';

const inlined = new WeakSet<(...args: never[]) => unknown>();

/**
 * Marks a function to be sent as source text. It must use nothing but its arguments, globals and `import()`: what it
 * sees of the module around it does not exist over there.
 *
 * @throws SerializeError for a function without source (native, bound)
 */
export function inline<F extends (...args: never[]) => unknown>(fn: F): F {
  checkFunction('inline: fn', fn);
  compile(sourceOf(fn), fn.name);
  inlined.add(fn);
  return fn;
}

export function isInline(fn: (...args: never[]) => unknown): boolean {
  return inlined.has(fn);
}

export function sourceOf(fn: (...args: never[]) => unknown): string {
  return Function.prototype.toString.call(fn);
}

/** The function of that source. It is written as an expression, or as a method of an object. */
export function compile(source: string, name: string): (...args: unknown[]) => unknown {
  for (const text of [`(${source})`, `Object.values({ ${source} })[0]`]) {
    let make: () => unknown;
    try {
      // oxlint-disable-next-line no-new-func -- this is what inline() is for
      make = new Function(`return ${text};`) as () => unknown;
    } catch {
      continue;
    }
    return make() as (...args: unknown[]) => unknown;
  }
  throw createError('ERR_PROCLOOM_TARGET', `inline(${name === '' ? 'function' : name})`, {
    why: `its source cannot be compiled on its own: ${source.slice(0, 60)}`,
    remedy: 'Native and bound functions have none: wrap the call in a function of its own.',
  });
}
