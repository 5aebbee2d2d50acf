// What cannot travel is refused in the caller, with the way to it.
import vm from 'node:vm';
import { MessageChannel } from 'node:worker_threads';

import { describe, expect, test } from 'vitest';

import { SerializeError } from '../../lib/errors/errors.js';
import { encode } from '../../lib/serialize/codec.js';
import { carry } from './carry.js';

function refusal(value: unknown): SerializeError {
  try {
    encode(value, Buffer.alloc(4096));
  } catch (error) {
    expect(error).toBeInstanceOf(SerializeError);
    return error as SerializeError;
  }
  throw new Error('it was not refused');
}

const f = function work() {};

test.each<[string, unknown, string, string]>([
  ['a function', f, '', 'sending the value: the function work cannot travel'],
  ['in an object', { a: { b: f } }, 'a.b', 'sending a.b: the function work'],
  ['in an array', { users: [1, 2, 3, { name: f }] }, 'users[3].name', 'sending users[3].name'],
  ['behind odd keys', { 'a b': [{ '': f }] }, '["a b"][0][""]', 'sending ["a b"][0][""]'],
  ['as first step an index', [[f]], '[0][0]', 'sending [0][0]'],
  ['after parts that are fine', { a: { x: 1 }, b: [{ y: [] }], c: { d: f } }, 'c.d', 'sending c.d'],
  ['in a Map', new Map([['k', { x: f }]]), '.get("k").x'.slice(1), 'get("k").x'],
  ['as a key of a Map', { m: new Map([[f, 1]]) }, 'm.keys(function work() {})', 'm.keys'],
  ['in a Set', { s: new Set([1, f]) }, 's.values()[1]', 's.values()[1]'],
  ['in a cause', new Error('x', { cause: { f } }), 'cause.f', 'cause.f'],
  ['in a property of an error', Object.assign(new Error('x'), { retry: f }), 'retry', 'retry'],
  ['an anonymous function', [() => 1][0], '', 'a function cannot travel'],
  [
    'a class',
    {
      Point: class Point {
        x = 1;
      },
    },
    'Point',
    'the function Point',
  ],
  ['a symbol', { s: Symbol('id') }, 's', 'the symbol Symbol(id)'],
  ['a boxed symbol', { s: Object(Symbol('id')) as object }, 's', 'the symbol'],
  ['a Proxy', { p: new Proxy({}, {}) }, 'p', 'a Proxy'],
  ['a Proxy of an array', [new Proxy([], {})], '[0]', 'a Proxy'],
  ['a Promise', { p: Promise.resolve() }, 'p', 'a Promise'],
  ['a WeakMap', new WeakMap(), '', 'a WeakMap'],
  ['a WeakSet', new WeakSet(), '', 'a WeakSet'],
  ['a WeakRef', new WeakRef({}), '', 'a WeakRef'],
  ['an iterator', [[][Symbol.iterator]()], '[0]', 'an Array Iterator'],
  ['a generator', [(function* () {})()], '[0]', 'a Generator'],
  ['a SharedArrayBuffer', new SharedArrayBuffer(8), '', 'a SharedArrayBuffer'],
  [
    'a view of a SharedArrayBuffer',
    { v: new Uint8Array(new SharedArrayBuffer(8)) },
    'v',
    'SharedMemory or SharedArray',
  ],
  ['a MessagePort', new MessageChannel().port1, '', 'a MessagePort'],
  ['an AbortSignal', { signal: AbortSignal.abort() }, 'signal', 'an AbortSignal'],
])('%s', (_name, value, path, text) => {
  const error = refusal(value);
  expect(error.code).toBe('ERR_PROCLOOM_SERIALIZE');
  expect(error.path).toBe(path);
  expect(error.message).toContain(text);
});

test('a detached ArrayBuffer', () => {
  const memory = new ArrayBuffer(8);
  structuredClone(memory, { transfer: [memory] });
  expect(refusal({ memory }).message).toContain('detached');
});

test('a getter that throws: its error is the cause', () => {
  const cause = new Error('not now');
  const error = refusal({ list: [{ get broken() { throw cause; } }] }); // prettier-ignore
  expect(error.path).toBe('list[0].broken');
  expect(error.cause).toBe(cause);
  expect(error.message).toBe('sending list[0].broken: reading it threw "not now".');
});

test('a getter that throws no error', () => {
  const error = refusal({ get broken() { throw 'a string'; } }); // prettier-ignore
  expect(error.cause).toBe('a string');
});

test('a very deep value is refused, and the way to it is shortened', () => {
  let deep: unknown = 1;
  for (let i = 0; i < 200_000; i++) deep = { next: deep };
  const error = refusal(deep);
  expect(error.message).toContain('nested too deeply');
  expect(error.path.length).toBeLessThan(300);
  expect(error.path).toContain('…');
});

test('after a refusal the next value travels', () => {
  for (let i = 0; i < 20; i++) {
    refusal({ a: [{ b: f }] });
    expect(carry({ a: [{ b: i }] })).toEqual({ a: [{ b: i }] });
  }
});

describe('objects of another realm', () => {
  test('are recognised by what they are', () => {
    const value = vm.runInNewContext('({ d: new Date(5), m: new Map([[1, [2]]]), e: new TypeError("x"), r: /a/g })') as {
      d: Date; m: Map<number, number[]>; e: Error; r: RegExp }; // prettier-ignore
    const arrived = carry(value);
    expect(arrived.d).toBeInstanceOf(Date);
    expect(arrived.m).toBeInstanceOf(Map);
    expect(arrived.m.get(1)).toEqual([2]);
    expect(arrived.e).toBeInstanceOf(TypeError);
    expect(arrived.r).toEqual(/a/g);
  });

  test('functions among them are refused', () => {
    expect(refusal(vm.runInNewContext('({ a: [function g() {}] })')).path).toBe('a[0]');
  });
});

test('more resizable buffers than the reader would take', () => {
  const Resizable = ArrayBuffer as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
  const buffers = Array.from({ length: 16_385 }, () => new Resizable(0, { maxByteLength: 1 }));
  const error = refusal(buffers);
  expect(error.path).toBe('[16384]');
  expect(error.message).toContain('more than 16384 resizable ArrayBuffers');
  expect(carry(buffers.slice(1))).toHaveLength(16_384);
});
