/**
 * The registry of classes whose objects travel as references.
 *
 * The codec knows kinds, not classes: each class registers how one of its objects is described as a plain value (which
 * may hold other shareables) and how an object is made of such a description over there.
 */
import { EventEmitter } from 'node:events';

import { createError } from '../errors/codes.js';
import type { TargetReference } from '../target/target.js';

export interface ShareableKind<T extends object = object, P = unknown> {
  /** Its name in messages: one word, the same in all processes. */
  readonly kind: string;
  /** What another environment needs to open the same object. Throws when the object is closed. */
  describe(object: T): P;
  /** Opens it. The payload comes from another process: check what matters. */
  revive(payload: P): T;
  /** The memory of the object, if views of it travel as views of the same memory. */
  buffer?(object: T): ArrayBuffer;
  /**
   * It is no object of the addon: those that its description holds are what is on its way, and what opens over there.
   */
  composed?: true;
  /** Gives up what was opened, as the rest of the message could not be. Without it, that is the garbage collector's. */
  discard?(object: T): void;
  /** The functions that the object may have to run, also where it blocks: a child imports their modules beforehand. */
  needs?(object: T): TargetReference[];
}

const kinds = new Map<string, ShareableKind>();
const kindOfClass = Symbol('procloom.shareable');
const owners = new WeakMap<ArrayBufferLike, object>();

/** Objects of `shareableClass`, and of its subclasses that register nothing else, travel from now on. */
export function registerShareable<T extends object, P>(
  shareableClass: { prototype: T },
  kind: ShareableKind<T, P>,
): void {
  registerKind(kind as unknown as ShareableKind);
  Object.defineProperty(shareableClass.prototype, kindOfClass, { value: kind });
}

/** A kind whose objects are of a class that is not ours: registerForeign tells which they are. */
export function registerKind(kind: ShareableKind): void {
  if (kinds.has(kind.kind)) {
    throw createError('ERR_PROCLOOM_INTERNAL', `registerShareable('${kind.kind}')`, {
      why: 'that kind is registered already',
      remedy: 'Two copies of procloom in one process?',
    });
  }
  kinds.set(kind.kind, kind);
}

type Find = (object: object) => ShareableKind | undefined;
let kindOfForeign: Find | undefined;

/** Has `find` asked how an object travels that nothing else knows and that might have a descriptor: an EventEmitter. */
export function registerForeign(find: Find): void {
  kindOfForeign = find;
}

/** The same, unless there is one: `find` loads the module that registers another. */
export function offerForeign(find: Find): void {
  kindOfForeign ??= find;
}

/**
 * Makes views of `buffer` travel as views of `owner`'s memory. The buffer keeps its owner alive, so that the views can
 * travel as long as they live.
 */
export function registerSharedBuffer(buffer: ArrayBuffer, owner: object): void {
  owners.set(buffer, owner);
}

/** How the object travels; undefined when it is no shareable. */
export function shareableKindOf(object: object): ShareableKind | undefined {
  return (object as { [kindOfClass]?: ShareableKind })[kindOfClass];
}

/** How an object of a class that is not ours travels; undefined when it does not. */
export function foreignKindOf(object: object): ShareableKind | undefined {
  // FileHandle is no EventEmitter in some versions of Node.
  const possible = object instanceof EventEmitter || object.constructor?.name === 'FileHandle';
  return possible ? kindOfForeign?.(object) : undefined;
}

export function shareableKindNamed(kind: string): ShareableKind | undefined {
  if (!kinds.has(kind)) loadKind(kind);
  return kinds.get(kind);
}

let loadKind = (_kind: string): void => {};

/** Gives what is called for a kind that is not known here, to load the module that registers it, if there is one. */
export function loadKindsBy(load: (kind: string) => void): void {
  loadKind = load;
}

/** @internal The kinds that are registered so far. */
export function shareableKinds(): string[] {
  return [...kinds.keys()];
}

/** The shareable whose memory the buffer is. */
export function ownerOfBuffer(buffer: ArrayBufferLike): object | undefined {
  return owners.get(buffer);
}
