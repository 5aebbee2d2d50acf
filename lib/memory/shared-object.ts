/**
 * What every shareable object has: a handle, a name, and an end.
 *
 * A handle is given up by close(), or by the garbage collector when nobody can reach the object any more. Handles are
 * closed in the addon only then; all else of an object is its class's own.
 */
import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { OPEN_ATTACH, OPEN_CREATE, OPEN_EITHER } from '../addon/native.js';
import { BAD_ARGUMENT, MISSING, orThrow, statusError } from '../addon/status-error.js';
import { checkChoice, checkName } from '../errors/arguments.js';

/** A handle that is never open: what a closed object has. */
export const CLOSED_HANDLE: Handle = 0x7fffffff;

/** An object that travels between processes and threads as a reference. */
export interface Shareable {
  readonly name: string | undefined;
  close(): void;
  unlink(): void;
  [Symbol.dispose](): void;
}

/** Where an object is found by processes without a common parent. */
export interface NameOptions {
  /** 1 to 200 of letters, digits, '.', '_' and '-'; one namespace for all kinds of objects. */
  name?: string;
  /** Attach or create (default), must not exist yet ('create'), must exist already ('attach'). */
  open?: 'either' | 'create' | 'attach';
}

const openings = { either: OPEN_EITHER, create: OPEN_CREATE, attach: OPEN_ATTACH } as const;

/** A name as the seam takes it: '' for an anonymous object. */
export function checkNameOptions(options: NameOptions | undefined): { name: string; opening: number } {
  if (options === undefined) return { name: '', opening: OPEN_EITHER };
  const opening = openings[checkChoice('open', options.open ?? 'either', ['either', 'create', 'attach'])];
  return { name: options.name === undefined ? '' : checkName(options.name), opening };
}

/** The name under which a reference's file lies, undefined for anonymous ones. */
function nameOf(reference: string): string | undefined {
  return reference.startsWith('n.') ? reference.slice(2, reference.lastIndexOf('#')) : undefined;
}

/** @internal Opens what a reference names; the handle of an object of that kind. */
export function openReference(reference: string, kind: number): Handle {
  return orThrow(native.open(String(reference), kind), `opening ${reference}`);
}

const unreachable = new FinalizationRegistry<Handle>((handle) => {
  native.close(handle);
});

/** The base of all classes whose objects are open in the addon and can travel. */
export abstract class OpenObject {
  /** @internal Hot verbs pass it as it is; after close() it is one that the addon calls closed. */
  handle: Handle;

  /** @internal Takes over one opening of the handle. */
  constructor(handle: Handle) {
    this.handle = handle;
    unreachable.register(this, handle, this);
  }

  /** Gives up this handle only; pending waits of it reject with ClosedError. Closing again does nothing. */
  close(): void {
    if (this.handle === CLOSED_HANDLE) return;
    const handle = this.handle;
    this.closing(handle);
    this.handle = CLOSED_HANDLE;
    unreachable.unregister(this);
    native.close(handle);
  }

  /** @internal The text by which another thread or process opens the same object. Throws when it is closed. */
  reference(): string {
    const reference = native.reference(this.handle);
    if (typeof reference === 'string') return reference;
    throw statusError(reference, `sending a ${this.constructor.name}`);
  }

  /** @internal What a class has to do while the handle can still be used. */
  protected closing(_handle: Handle): void {}

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The base of those that can have a name. */
export abstract class SharedObject extends OpenObject implements Shareable {
  readonly #name: string | undefined;

  /** @internal */
  constructor(handle: Handle) {
    super(handle);
    this.#name = nameOf(native.reference(handle) as string);
  }

  /** The name it was given, undefined for anonymous objects. */
  get name(): string | undefined {
    return this.#name;
  }

  /** Removes the name; who has the object open keeps it. Does nothing for anonymous objects, or when it is gone. */
  unlink(): void {
    if (this.#name !== undefined) unlink(this.#name);
  }
}

/**
 * Removes a name without opening what it names (a wrong shape, an older layout).
 *
 * @returns false when there was none
 */
export function unlink(name: string): boolean {
  const status = native.unlink(checkName(name));
  if (status === MISSING) return false;
  if (status < 0) throw statusError(status === BAD_ARGUMENT ? MISSING : status, `unlink('${name}')`);
  return true;
}
