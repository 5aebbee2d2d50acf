/** The kinds of views over memory: one list gives each its number in messages. */

type ViewClass = { new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): ArrayBufferView };

// Only newer Nodes have it, so it comes last.
const { Float16Array } = globalThis as { Float16Array?: ViewClass };

const list: readonly [ViewClass, bytesPerElement: number][] = [
  [Buffer as unknown as ViewClass, 1],
  [Int8Array, 1],
  [Uint8Array, 1],
  [Uint8ClampedArray, 1],
  [Int16Array, 2],
  [Uint16Array, 2],
  [Int32Array, 4],
  [Uint32Array, 4],
  [Float32Array, 4],
  [Float64Array, 8],
  [BigInt64Array, 8],
  [BigUint64Array, 8],
  [DataView, 1],
  ...(Float16Array === undefined ? [] : [[Float16Array, 2] satisfies [ViewClass, number]]),
];

/** The number of Buffer, which travels without the memory around it. */
export const BUFFER_VIEW = 0;

/** Those of the classes themselves; a subclass has another. */
export const viewPrototypes: readonly object[] = list.map(([viewClass]) => viewClass.prototype as object);

const names: readonly string[] = list.map(([viewClass]) => viewClass.name);
const typedArrayTag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Int8Array.prototype), Symbol.toStringTag)!
  .get as (this: ArrayBufferView) => string | undefined;

/** The number of a view's kind; -1 for a kind that this list does not know. A subclass counts as its base. */
export function viewKindOf(view: ArrayBufferView): number {
  if (Buffer.isBuffer(view)) return BUFFER_VIEW;
  return names.indexOf(typedArrayTag.call(view) ?? 'DataView', 1);
}

/** Whether `length` bytes from `offset` make a view of that kind over `byteLength` bytes. */
export function isViewPossible(kind: number, offset: number, length: number, byteLength: number): boolean {
  const entry = list[kind];
  if (entry === undefined) return false;
  return offset % entry[1] === 0 && length % entry[1] === 0 && offset + length <= byteLength;
}

/** REQUIRES: isViewPossible(). */
export function makeView(kind: number, buffer: ArrayBuffer, offset: number, length: number): ArrayBufferView {
  if (kind === BUFFER_VIEW) return Buffer.from(buffer, offset, length);
  const [viewClass, bytesPerElement] = list[kind]!;
  return new viewClass(buffer, offset, length / bytesPerElement);
}
