/** What has no value to send, and what to say of it. */
import { types } from 'node:util';

/** Built-in objects that have no value to send, by their class tag. */
const opaqueTags = new Set([
  'AbortSignal',
  'Blob',
  'BroadcastChannel',
  'CryptoKey',
  'FinalizationRegistry',
  'Generator',
  'AsyncGenerator',
  'KeyObject',
  'Module',
  'Promise',
  'ReadableStream',
  'SharedArrayBuffer',
  'TransformStream',
  'WeakMap',
  'WeakRef',
  'WeakSet',
  'WebAssembly.Instance',
  'WebAssembly.Memory',
  'WebAssembly.Module',
  'WritableStream',
  'Worker',
]);

/** Whether the object, which is none of the kinds that travel, is something built-in. */
export function isOpaque(value: object): boolean {
  if (types.isExternal(value) || types.isModuleNamespaceObject(value)) return true;
  if (value instanceof MessagePort) return true;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return opaqueTags.has(tag) || tag.endsWith(' Iterator');
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
      const name = value instanceof MessagePort ? 'MessagePort' : tag;
      return { what: `a ${name}`, remedy: 'Send what it stands for as plain values.' };
    }
  }
}
