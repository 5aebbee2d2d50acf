/** From a reference to the function it means, for code that blocks and so cannot wait for an import. */
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { createError } from '../errors/codes.js';
import type { SerializeError } from '../errors/errors.js';
import { compile } from './inline.js';
import { type AnyFunction, exportOf, importedModule, namespaceOf } from './runnable.js';
import type { TargetReference } from './target.js';

/** @throws what the module throws; SerializeError when it has no such function or cannot be loaded without waiting */
export function loadAtOnce(reference: TargetReference): AnyFunction {
  if ('source' in reference) return compile(reference.source, reference.name);
  const namespace = importedModule(reference.module) ?? requireModule(reference);
  const found = exportOf(namespace, reference.export);
  if (typeof found === 'function') return found as AnyFunction;
  throw noFunction(namespace, reference);
}

function requireModule({ module, export: name }: { module: string; export: string }): Record<string, unknown> {
  const isFile = module.startsWith('file:');
  try {
    return createRequire(process.execPath)(isFile ? fileURLToPath(module) : module) as Record<string, unknown>;
  } catch (cause) {
    if (!mustBeAwaited(cause, isFile)) throw cause;
    throw createError('ERR_PROCLOOM_TARGET', `target ${module}#${name}`, {
      why: 'its module must be waited for (it has a top-level await, or is no file), and this call blocks',
      remedy:
        'Use the awaited twin, keep the function in a module without top-level await, or send it with inline(fn).',
      cause,
    });
  }
}

/** What require() makes of a file whose extension it was taught; undefined for other files. */
export function requireKnown(module: string): Record<string, unknown> | undefined {
  const require = createRequire(process.execPath);
  const file = fileURLToPath(module);
  // oxlint-disable-next-line typescript/no-deprecated -- loaders teach it there
  if (require.extensions[extname(file)] === undefined) return undefined;
  return namespaceOf(require(file));
}

function mustBeAwaited(error: unknown, isFile: boolean): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  // What stands in a data: URL can only be imported.
  if (code === 'MODULE_NOT_FOUND') return !isFile;
  return code === 'ERR_REQUIRE_ASYNC_MODULE' || code === 'ERR_REQUIRE_ESM' || code === 'ERR_REQUIRE_CYCLE_MODULE';
}

export function noFunction(
  namespace: Record<string, unknown>,
  reference: { module: string; export: string },
): SerializeError {
  const found = exportOf(namespace, reference.export);
  return createError('ERR_PROCLOOM_TARGET', `target ${reference.module}#${reference.export}`, {
    why: found === undefined ? 'the module has no such export' : `that export is no function but ${typeof found}`,
    remedy: `It exports: ${Object.keys(namespace).join(', ') || 'nothing'}.`,
  });
}
