/* oxlint-disable no-sparse-arrays, no-new-wrappers -- holes and boxes are what is tested */
// Every kind of value beside structuredClone: the same comes out, or both refuse it; where we differ, it is said how.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { BlockList, SocketAddress } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import vm from 'node:vm';
import { MessageChannel } from 'node:worker_threads';

import { describe, expect, test } from 'vitest';

import { SerializeError } from '../../lib/errors/errors.js';
import { carry } from './carry.js';

type Row = [name: string, make: () => unknown];

class Private {
  #hidden = 1;
  seen = 2;
  reveal() {
    return this.#hidden;
  }
}
class Tagged {
  x = 1;
  get [Symbol.toStringTag]() {
    return 'Promise';
  }
}
class OddlyTagged extends Promise<number> {
  override get [Symbol.toStringTag]() {
    return 'Odd';
  }
}
const wasm = (made: string): unknown => vm.runInThisContext(`new WebAssembly.${made}`);
const bound = function (this: unknown) {
  return this;
}.bind(1);
const withExtra = (object: object): object => Object.assign(object, { extra: 1 });
const without = (object: object): object => Object.setPrototypeOf(object, null) as object;
const knot = <T extends object>(object: T, tie: (object: T) => void): T => {
  tie(object);
  return object;
};
const ResizableBuffer = ArrayBuffer as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
const resizable = () => {
  const buffer = new ResizableBuffer(8, { maxByteLength: 16 });
  new Uint8Array(buffer).fill(3);
  return buffer;
};

const same: Row[] = [
  // primitives, alone and boxed
  ['undefined, null and booleans', () => [undefined, null, true, false]],
  ['-0, NaN and infinities', () => [-0, NaN, Infinity, -Infinity]],
  ['boxed primitives', () => [Object(-0), Object(NaN), Object(''), Object('é'), Object(false), Object(2n ** 70n)]],
  ['boxed, with properties', () => withExtra(Object('ab') as object)],
  ['bigints of any size', () => [0n, -1n, 2n ** 63n, -(2n ** 64n), 2n ** 5_000n, -(3n ** 4_000n)]],
  ['lone surrogates', () => ['\ud800', '\udc00x', { '\udfff': '\ud83d' }]],
  // arrays
  ['sparse arrays', () => [[1, , 3], [, ,], Object.assign([], { length: 7 })]], // prettier-ignore
  ['a match', () => /(?<a>b)/d.exec('abc')],
  ['an array of a class', () => class extends Array<number> {}.from([1, 2])],
  ['an array of a class, with properties', () => withExtra(class extends Array<number> {}.from([1, 2]))],
  ['a frozen array', () => Object.freeze([1, [2]])],
  // objects
  ['an object without a prototype', () => Object.assign(Object.create(null) as object, { a: 1 })],
  ['a getter, a setter', () => Object.defineProperty({ get a() { return [1]; } }, 'b', { set() {}, enumerable: true })], // prettier-ignore
  ['properties that are not enumerable, symbols', () => Object.defineProperty({ [Symbol('s')]: 1, a: 2 }, 'hidden', { value: 3 })], // prettier-ignore
  ['private fields', () => new Private()],
  [
    'own __proto__ and constructor',
    () => JSON.parse('{"__proto__": [1], "constructor": {}, "toString": 1}') as unknown,
  ],
  ['a class with a tag of its own', () => new Tagged()],
  ['a sealed object', () => Object.seal({ a: { b: 1 } })],
  ['Math, JSON', () => [Math, JSON]],
  ['a context of vm', () => ({ ...(vm.createContext({ a: 1 }) as object) })],
  // Map, Set
  ['a Map that holds itself', () => knot(new Map(), (map) => map.set(map, [map]))],
  ['a Set that holds itself', () => knot(new Set(), (set) => set.add(set).add({ set }))],
  ['Maps and Sets with properties', () => [withExtra(new Map([[1, 2]])), withExtra(new Set([1]))]],
  ['of classes', () => [new (class extends Map<number, number> {})([[1, 2]]), new (class extends Set {})([1])]],
  [
    'without a prototype',
    () => [without(new Map([[1, 2]])), without(new Set([1])), without(new Date(5)), without(/a/)],
  ],
  // Date, RegExp
  ['dates', () => [new Date(-1), new Date(8.64e15), withExtra(new Date(5)), new (class extends Date {})(7)]],
  [
    'expressions, whose lastIndex is left behind',
    () => [Object.assign(/a/g, { lastIndex: 3 }), withExtra(/b/y), /(?<n>\/)/u],
  ],
  // memory
  ['a resizable ArrayBuffer', resizable],
  ['views of a resizable ArrayBuffer', () => [new Uint8Array(resizable(), 2, 3), new DataView(resizable(), 1, 4)]],
  ['views of all kinds over one memory', () => {
    const memory = Uint8Array.from({ length: 64 }, (_, i) => i).buffer;
    return [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array,
      Float64Array, BigInt64Array, BigUint64Array].map((kind) => new kind(memory, 8, 2));
  }], // prettier-ignore
  ['a DataView of a part', () => new DataView(Uint8Array.of(1, 2, 3, 4).buffer, 1, 2)],
  ['-0 and NaN in memory', () => [Float64Array.of(-0, NaN), Float32Array.of(-0, NaN)]],
  [
    'a typed array with properties, of a class',
    () => [withExtra(new Uint8Array(2)), new (class extends Uint8Array {})(3)],
  ],
  ['memory with properties', () => withExtra(new ArrayBuffer(2))],
  // errors, as far as structured clone carries them
  ['errors', () => [new Error('m'), new TypeError(''), new RangeError(), new URIError('é')]],
  ['an error with a cause', () => new Error('m', { cause: { deep: [1n] } })],
  ['an error without a message', () => knot(new Error('x'), (error) => delete (error as Partial<Error>).message)],
  // nesting
  ['one object in many places', () => knot({} as Record<string, unknown>, (o) => Object.assign(o, { o, list: [o, [o]], map: new Map([[o, o]]) }))], // prettier-ignore
];

/** What neither carries. */
const refused: Row[] = [
  ['a function', () => () => 1],
  ['a bound function', () => bound],
  ['a class', () => Private],
  ['a method in an object', () => ({ deep: [{ method() {} }] })],
  ['a getter that gives a function', () => ({ get f() { return () => 1; } })], // prettier-ignore
  ['a getter that throws', () => ({ get f() { throw new Error('no'); } })], // prettier-ignore
  ['a symbol', () => Symbol('s')],
  ['a boxed symbol', () => Object(Symbol('s')) as unknown],
  ['a Proxy', () => new Proxy({}, {})],
  ['a Proxy of a function', () => new Proxy(() => 1, {})],
  ['a revoked Proxy', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  }], // prettier-ignore
  ['a Promise', () => Promise.resolve()],
  ['a Promise of a class, with a tag of its own', () => new OddlyTagged(() => {})],
  ['a Promise without a prototype', () => without(Promise.resolve())],
  ['a WeakMap', () => new WeakMap()],
  ['a WeakMap of a class', () => new (class extends WeakMap {})()],
  ['a WeakMap without a prototype', () => without(new WeakMap())],
  ['a WeakSet', () => new WeakSet()],
  ['a WeakRef', () => new WeakRef({})],
  ['a FinalizationRegistry', () => new FinalizationRegistry(() => {})],
  ['generators', () => [(function* () {})(), (async function* () {})()]],
  ['iterators of arrays', () => [].values()],
  ['iterators of maps', () => new Map().entries()],
  ['iterators of strings', () => ''[Symbol.iterator]()],
  ['iterators of matches', () => 'a'.matchAll(/a/g)],
  ['Intl.DateTimeFormat', () => new Intl.DateTimeFormat('en')],
  ['Intl.NumberFormat', () => new Intl.NumberFormat('en')],
  ['Intl.Collator', () => new Intl.Collator('en')],
  ['WebAssembly.Memory', () => wasm('Memory({ initial: 1 })')],
  ['WebAssembly.Table', () => wasm("Table({ initial: 1, element: 'anyfunc' })")],
  ['WebAssembly.Global', () => wasm("Global({ value: 'i32' }, 1)")],
  ['a detached ArrayBuffer', () => knot(new ArrayBuffer(8), (b) => structuredClone(b, { transfer: [b] }))],
  ['a view of one', () => knot(new Uint8Array(8), ({ buffer }) => structuredClone(buffer, { transfer: [buffer] }))],
  ['a MessagePort', () => {
    const { port1 } = new MessageChannel();
    port1.close();
    return port1;
  }], // prettier-ignore
  ['a ReadableStream', () => new ReadableStream()],
  ['a WritableStream', () => new WritableStream()],
  ['a TransformStream', () => new TransformStream()],
];

/** What structured clone shares or hands over inside one process, and what has no meaning in another one. */
const refusedOnlyHere: Row[] = [
  ['a SharedArrayBuffer', () => new SharedArrayBuffer(4)],
  ['a view of one', () => new Int32Array(new SharedArrayBuffer(4))],
  ['a SharedArrayBuffer without a prototype', () => without(new SharedArrayBuffer(4))],
  ['a WebAssembly.Module', () => wasm('Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))')],
  ['a Blob', () => new Blob(['a'])],
  ['a KeyObject', () => crypto.createSecretKey(Buffer.from('secret'))],
  ['a BlockList', () => new BlockList()],
  ['a SocketAddress', () => new SocketAddress({ address: '127.0.0.1' })],
];

/** What arrives with more, or less, than structured clone carries: ours first. */
const different: [name: string, make: () => unknown, arrives: unknown][] = [
  ['a Buffer stays one', () => Buffer.from('ab'), Buffer.from('ab')],
  ['an array with properties is its elements only', () => withExtra([1, 2]), [1, 2]],
  ['arguments are an object', () => (function (..._: number[]) { return arguments; })(1, 2), { 0: 1, 1: 2 }], // prettier-ignore
  ['a DOMException is an Error', () => new DOMException('m', 'AbortError'), undefined],
  ['an error keeps its properties', () => withExtra(new Error('m')), undefined],
  ['an error keeps its name', () => Object.assign(new Error('m'), { name: 'Mine' }), undefined],
  ['an AggregateError keeps its errors', () => new AggregateError([1, new TypeError('t')], 'm'), undefined],
];

test.each(same)('%s: the same as structured clone', (_name, make) => {
  assert.deepStrictEqual(carry(make()), structuredClone(make()));
});

test.each(refused)('%s: refused, as by structured clone', (_name, make) => {
  expect(() => structuredClone(make())).toThrow(/clone|Proxy|no|detach|transfer/i);
  expect(() => carry({ in: [make()] })).toThrow(SerializeError);
});

test.each(refusedOnlyHere)('%s: refused, as it means nothing to another process', (_name, make) => {
  expect(() => structuredClone(make())).not.toThrow();
  expect(() => carry({ in: [make()] })).toThrow(/^sending in\[0\]: an? [\w.]+ cannot travel to another process\. /);
});

describe('different', () => {
  test.each(different)('%s', (_name, make, arrives) => {
    const arrived = carry(make());
    if (arrives !== undefined) assert.deepStrictEqual(arrived, arrives);
    let cloned: unknown;
    try {
      cloned = structuredClone(make());
    } catch {
      return; // it carries none at all
    }
    expect(isDeepStrictEqual(arrived, cloned), 'if it is the same, it belongs into the other table').toBe(false);
  });

  test('a DOMException', () => {
    const arrived = carry(new DOMException('gone', 'AbortError')) as Error;
    expect(arrived).toBeInstanceOf(Error);
    expect([arrived.name, arrived.message]).toEqual(['AbortError', 'gone']);
    expect(arrived.stack).toMatch(/AbortError: gone/);
  });

  test('an error whose class gives it a name and a message', () => {
    class Quota extends Error {
      override get name() {
        return 'Quota';
      }
      override get message() {
        return 'too much';
      }
    }
    expect(String(carry(new Quota()))).toBe('Quota: too much');
  });
});

test('a getter runs once, in the order of the keys', () => {
  const order: string[] = [];
  const value = {
    get b() { return order.push('b'); },
    get a() { return order.push('a'); },
    get 1() { return order.push('1'); },
  }; // prettier-ignore
  expect(carry(value)).toEqual({ 1: 1, b: 2, a: 3 });
  expect(order).toEqual(['1', 'b', 'a']);
});
