/** What has no value to send, and what to say of it. */
import { types } from 'node:util';

/** Built-in objects that have no value to send, by the tag of their class. */
const opaqueTags = new Set([
  'AbortSignal',
  'AsyncGenerator',
  'Blob',
  'BroadcastChannel',
  'CryptoKey',
  'File',
  'FinalizationRegistry',
  'Generator',
  'KeyObject',
  'Promise',
  'ReadableStream',
  'SharedArrayBuffer',
  'TransformStream',
  'WeakMap',
  'WeakRef',
  'WeakSet',
  'Worker',
  'WritableStream',
]);
const opaqueFamily = /^(Intl|Temporal|WebAssembly)\.| Iterator$/;

/** Node's classes of things that Node itself knows how to hand over have methods by symbols of this description. */
const handedOverByNode = /^messaging_(clone|transfer)_symbol$/;

/** What was found out of prototypes so far. */
const known = new WeakMap<object, boolean>();

/** Whether the object, which is none of the kinds that travel, is something built-in. */
export function isOpaque(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null) return isOpaqueWithoutPrototype(value);
  let opaque = known.get(prototype);
  if (opaque === undefined) {
    opaque = types.isExternal(value) || value instanceof MessagePort || isOpaquePrototype(prototype);
    known.set(prototype, opaque);
  }
  return opaque;
}

function isOpaqueWithoutPrototype(value: object): boolean {
  return (
    types.isModuleNamespaceObject(value) ||
    types.isPromise(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isSharedArrayBuffer(value) ||
    types.isGeneratorObject(value)
  );
}

/** Built-in classes carry their tag as a value; where it is a getter somebody else wrote it, and may call it anything. */
function isOpaquePrototype(prototype: object): boolean {
  for (let at: object | null = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const tag: unknown = Object.getOwnPropertyDescriptor(at, Symbol.toStringTag)?.value;
    if (typeof tag === 'string' && (opaqueTags.has(tag) || opaqueFamily.test(tag))) return true;
    if (Object.getOwnPropertySymbols(at).some(({ description = '' }) => handedOverByNode.test(description)))
      return true;
  }
  return false;
}

/** How a value that cannot travel is called, and what to send instead. */
export function refused(value: unknown): { what: string; remedy: string } {
  switch (typeof value) {
    case 'function':
      return {
        what: `${value.name === '' ? 'a function' : `the function ${value.name}`}`,
        remedy: 'Leave it out, or name it by its module and export and let the other side import it.',
      };
    case 'symbol':
      return { what: `the symbol ${String(value)}`, remedy: 'Send a string instead.' };
    default: {
      if (types.isProxy(value)) return { what: 'a Proxy', remedy: 'Send a plain copy of it: { ...value }.' };
      if (types.isSharedArrayBuffer(value)) {
        return { what: 'a SharedArrayBuffer', remedy: 'Use SharedMemory or SharedArray, which processes can share.' };
      }
      const tag = Object.prototype.toString.call(value).slice(8, -1);
      if (tag === 'ArrayBuffer') return { what: 'a detached ArrayBuffer', remedy: 'It was transferred elsewhere.' };
      return { what: nameOf(value as object, tag), remedy: 'Send what it stands for as plain values.' };
    }
  }
}

function nameOf(value: object, tag: string): string {
  const { constructor } = value as { constructor?: unknown };
  const byClass = tag === 'Object' || value instanceof MessagePort; // whose tag is that of its parent
  const name = byClass && typeof constructor === 'function' ? constructor.name : tag;
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
}
