/** Why a handle cannot travel. */
import { createError } from '../errors/codes.js';
import type { SerializeError } from '../errors/errors.js';

/** @param what the handle, as messages call it: 'a net.Socket' */
export function refusal(what: string, why: string, remedy: string): SerializeError {
  return createError('ERR_PROCLOOM_HANDLE', `sending ${what}`, { why, remedy });
}

/** The object's own class must be that one: of a subclass there is more than a descriptor. */
export function checkClass(object: object, exact: { prototype: object }, what: string, remedy: string): void {
  if (Object.getPrototypeOf(object) === exact.prototype) return;
  throw refusal(`a ${object.constructor.name}`, `only ${what} itself can travel, none of its subclasses`, remedy);
}

/** The descriptor of one of Node's own handles. */
export function checkFd(handle: { fd?: unknown } | null | undefined, what: string): number {
  const fd = handle?.fd;
  if (typeof fd === 'number' && fd >= 0) return fd;
  throw refusal(
    what,
    'it has no descriptor of its own',
    'In a worker of node:cluster, listen with { exclusive: true }; else it is not open (any more).',
  );
}
