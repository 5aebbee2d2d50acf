/* oxlint-disable no-sparse-arrays, no-control-regex -- holes and control characters are what is tested */
// What structured clone carries arrives as structured clone would deliver it.
import assert from 'node:assert/strict';

import { describe, expect, test } from 'vitest';

import { carry } from './carry.js';

class Point {
  x = 1;
  #hidden = 2;
  get sum() {
    return this.x + this.#hidden;
  }
  toJSON() {
    return 'never asked';
  }
}

const values: [string, () => unknown][] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['true', () => true],
  ['false', () => false],
  ['0', () => 0],
  ['-0', () => -0],
  ['NaN', () => NaN],
  ['Infinity', () => [Infinity, -Infinity]],
  ['integers at the edges', () => edges()],
  ['negative integers at the edges', () => edges().map((n) => -n)],
  ['fractions', () => [0.1, -1e-300, 1e300, Number.MIN_VALUE, Number.MAX_SAFE_INTEGER, 2 ** 53]],
  ['bigint', () => [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, -(2n ** 63n) - 1n, 2n ** 64n]],
  ['bigint of 20 000 bits', () => [2n ** 20_000n + 12345n, -(2n ** 20_000n)]],
  ['empty string', () => ''],
  ['strings of all lengths', () => Array.from({ length: 300 }, (_, n) => 'abcdefghij'.repeat(30).slice(0, n))],
  ['latin strings', () => ['é', 'naïve café', 'ÿ'.repeat(500), '\u0080'.repeat(31)]],
  ['other strings', () => ['漢字', '🙂', `${'a'.repeat(400)}🙂`, 'Ā']],
  ['lone surrogates', () => ['\ud800', 'a\udc00b', `${'x'.repeat(100)}\ud83d`]],
  ['byte order mark', () => [`\ufeff${'x'.repeat(100)}`, '\ufeff', '\ufffe']],
  ['NUL characters', () => ['\0', `a\0${'b'.repeat(50)}\0`]],
  ['big string', () => 'x'.repeat(3_000_000)],
  ['big two-byte string in an object', () => ({ text: '漢'.repeat(1_000_000) })],
  ['rope', () => Array.from({ length: 100 }, (_, i) => `part ${i}`).reduce((a, b) => a + b)],
  ['object', () => ({ id: 1, name: 'x', tags: ['a', 'b'], x: 0.5 })],
  ['empty object and array', () => [{}, []]],
  ['object with 15, 16, 17 keys', () => [15, 16, 17].map(keys)],
  ['object with 10 000 keys', () => keys(10_000)],
  ['nested objects of many keys', () => ({ ...keys(20), inner: { ...keys(20), deep: keys(40) } })],
  [
    'odd keys',
    () => ({ '': 1, ' ': 2, 'a.b': 3, é: 4, 漢: 5, '\ud800': 6, 1: 7, '-1': 8, [`k${'x'.repeat(300)}`]: 9 }),
  ],
  ['keys of 253 to 256 characters', () => Object.fromEntries([253, 254, 255, 256].map((n) => ['k'.repeat(n), n]))],
  [
    'own __proto__',
    () => JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2, "hasOwnProperty": 3}') as object,
  ],
  ['own toJSON value', () => ({ toJSON: 5, valueOf: 6, toString: 7 })],
  ['null prototype', () => Object.assign(Object.create(null) as object, { a: 1 })],
  ['class instance', () => new Point()],
  [
    'getter',
    () => ({
      get now() {
        return 5;
      },
    }),
  ],
  ['array of 15, 16, 70 000 elements', () => [15, 16, 70_000].map((n) => Array.from({ length: n }, (_, i) => i))],
  // prettier-ignore
  ['sparse arrays', () => [[1, , 3], [, ,], Object.assign([], { 200: 'x' }), Object.assign([], { 3: 1, 100_000: 2 })]],
  ['array with huge length', () => Object.assign([1], { length: 4_294_967_295 })],
  ['undefined is no hole', () => [undefined, , undefined]], // prettier-ignore
  ['array of arrays', () => [[[[]]], [[], [[]]]]],
  ['match', () => 'k=v'.match(/(?<key>.)=(?<value>.)/)],
  ['Map', () => new Map<unknown, unknown>([['a', 1], [{ k: 1 }, [2]], [NaN, undefined], [undefined, null]])], // prettier-ignore
  ['Set', () => new Set<unknown>([1, 'a', { x: 1 }, -0, undefined, NaN])],
  ['Map of Maps', () => new Map([[new Map([[1, 2]]), new Set([new Map()])]])],
  ['Date', () => [new Date(0), new Date(1.7e12), new Date(-8.64e15), new Date('1969-12-31T23:59:59.999Z')]],
  ['RegExp', () => [/a/, /^[\u0000-漢]+(?<n>x)\/$/dgimsuy, new RegExp('')]],
  ['boxed', () => [Object(1), Object('text'), Object(true), Object(10n), Object(-0), Object('')]],
  ['ArrayBuffer', () => [new ArrayBuffer(0), Uint8Array.of(1, 2, 3).buffer]],
  ['typed arrays', () => [
    Int8Array.of(-1), Uint8Array.of(255), Uint8ClampedArray.of(300), Int16Array.of(-2, 3), Uint16Array.of(65535),
    Int32Array.of(-5), Uint32Array.of(2 ** 32 - 1), Float32Array.of(0.5, NaN), Float64Array.of(-0, 1e300),
    BigInt64Array.of(-1n), BigUint64Array.of(2n ** 64n - 1n), new Float64Array(0),
  ]], // prettier-ignore
  ['DataView', () => new DataView(Uint8Array.of(1, 2, 3, 4).buffer)],
  ['view of a part', () => new Uint16Array(new ArrayBuffer(32), 8, 3)],
  ['big typed array', () => Float64Array.from({ length: 100_000 }, (_, i) => i / 3)],
];

function edges(): number[] {
  return [7, 8, 15, 16, 31, 32, 52].flatMap((bits) => [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]);
}

function keys(n: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: n }, (_, i) => [`key${i}`, i]));
}

describe.each([
  ['into the scratch', 1 << 20],
  ['into a buffer of its own', 8],
])('%s', (_where, scratchBytes) => {
  test.each(values)('%s', (_name, make) => {
    assert.deepStrictEqual(carry(make(), scratchBytes), structuredClone(make()));
  });
});

test('invalid Date', () => {
  expect(carry(new Date(NaN)).getTime()).toBe(NaN);
});

test('order of keys', () => {
  expect(Object.keys(carry({ z: 1, a: 2, 5: 3, m: 4 }))).toEqual(['5', 'z', 'a', 'm']);
});

test('only own enumerable properties with string keys travel', () => {
  const parent = { inherited: 1 };
  const object = Object.create(parent, { hidden: { value: 2 }, seen: { value: 3, enumerable: true } }) as object;
  assert.deepStrictEqual(carry({ ...object, [Symbol('s')]: 4 }), { seen: 3 });
  assert.deepStrictEqual(carry(object), { seen: 3 });
});

test('a polluted Object.prototype does not travel', () => {
  Object.assign(Object.prototype, { polluted: 1 });
  try {
    expect(Object.hasOwn(carry({ a: 1 }), 'polluted')).toBe(false);
  } finally {
    delete (Object.prototype as { polluted?: number }).polluted;
  }
});

test('__proto__ arrives as a property and changes no prototype', () => {
  const arrived = carry(JSON.parse('{"__proto__": {"polluted": 1}}') as object);
  expect(Object.getPrototypeOf(arrived)).toBe(Object.prototype);
  expect((arrived as { polluted?: number }).polluted).toBe(undefined);
  expect(Object.keys(arrived)).toEqual(['__proto__']);
});

describe('one thing in several places stays one thing', () => {
  test('shared object', () => {
    const shared = { n: 1 };
    const [a, b, c] = carry([shared, { shared }, new Map([[shared, shared]])]) as [
      object,
      { shared: object },
      Map<object, object>,
    ];
    expect(b.shared).toBe(a);
    expect([...c][0]).toEqual([a, a]);
    expect([...c][0]![0]).toBe(a);
  });

  test('cycles through every container', () => {
    interface Knot {
      self: Knot;
      list: unknown[];
      map: Map<unknown, unknown>;
      set: Set<unknown>;
      error: Error;
    }
    const knot = {} as Knot;
    const error = new Error('knot', { cause: knot });
    Object.assign(knot, { self: knot, list: [knot], map: new Map([[knot, knot]]), set: new Set([knot]), error });
    const arrived = carry(knot);
    expect(arrived).not.toBe(knot);
    for (const place of [
      arrived.self,
      arrived.list[0],
      arrived.map.get(arrived),
      [...arrived.set][0],
      arrived.error.cause,
    ]) {
      expect(place).toBe(arrived);
    }
  });

  test.each([2, 11, 12, 13, 14, 1000])('among %i objects', (n) => {
    const objects = Array.from({ length: n }, (_, i) => ({ i }));
    const arrived = carry([...objects, ...objects]);
    for (let i = 0; i < n; i++) {
      expect(arrived[i]).toEqual({ i });
      expect(arrived[n + i]).toBe(arrived[i]);
    }
  });

  test('dates, expressions, boxes and buffers', () => {
    const things = [new Date(5), /x/g, Object(5), Object('s'), Buffer.from('b'), new ArrayBuffer(3), new Error('e'), [,], {}]; // prettier-ignore
    const arrived = carry([...things, ...things]) as unknown[];
    for (let i = 0; i < things.length; i++) expect(arrived[i + things.length]).toBe(arrived[i]);
    expect(new Set(arrived).size).toBe(things.length);
  });

  test.each([
    ['the memory first', (b: ArrayBuffer) => [b, new Uint8Array(b), new DataView(b)]],
    ['a whole view first', (b: ArrayBuffer) => [new Uint8Array(b), b, new DataView(b)]],
    ['a view of a part first', (b: ArrayBuffer) => [new Uint16Array(b, 4, 2), new Uint8Array(b), b]],
    [
      'among many',
      (b: ArrayBuffer) => [...Array.from({ length: 20 }, () => ({})), new Uint8Array(b), b, new Int8Array(b)],
    ],
  ])('memory under several views: %s', (_order, make) => {
    const parts = carry(make(new ArrayBuffer(16))).filter((p) => p instanceof ArrayBuffer || ArrayBuffer.isView(p));
    expect(new Set(parts.map((part) => (ArrayBuffer.isView(part) ? part.buffer : part))).size).toBe(1);
    expect(parts.length).toBe(3);
  });
});

describe('beyond structured clone', () => {
  test('a Buffer stays a Buffer, wherever it stands, and brings no pool along', () => {
    const bytes = Buffer.from('payload');
    for (const arrived of [carry(bytes), carry({ bytes }).bytes, carry([bytes])[0]!]) {
      expect(Buffer.isBuffer(arrived)).toBe(true);
      expect(arrived.toString()).toBe('payload');
      expect(arrived.buffer.byteLength).toBe(7);
    }
  });

  test('errors keep class, name, message, stack, cause and properties', () => {
    class QuotaError extends RangeError {
      override name = 'QuotaError';
      code = 'E_QUOTA';
      limit = 5;
    }
    const error = new QuotaError('too much', { cause: new TypeError('why') });
    const arrived = carry({ error }).error;
    expect(arrived).toBeInstanceOf(RangeError);
    expect(String(arrived)).toBe('QuotaError: too much');
    expect(arrived).toMatchObject({ code: 'E_QUOTA', limit: 5 });
    expect(arrived.stack).toBe(error.stack);
    expect(arrived.cause).toBeInstanceOf(TypeError);
    expect((arrived.cause as Error).message).toBe('why');
    expect(Object.keys(arrived)).toEqual(Object.keys(error));
  });

  test.each([Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError])('%s', (errorClass) => {
    const arrived = carry(new errorClass('m'));
    expect(Object.getPrototypeOf(arrived)).toBe(errorClass.prototype);
    expect(Object.keys(arrived)).toEqual([]);
    expect(Object.hasOwn(arrived, 'cause')).toBe(false);
  });

  test('AggregateError and errors without a message', () => {
    const arrived = carry(new AggregateError([new TypeError('a'), 5]));
    expect(arrived).toBeInstanceOf(AggregateError);
    expect(arrived.errors[0]).toBeInstanceOf(TypeError);
    expect(arrived.errors[1]).toBe(5);
    expect(Object.hasOwn(arrived, 'message')).toBe(false);
  });
});

test('a getter may send something itself', () => {
  const arrived = carry({ before: 1, get inner() { return carry({ deep: [carry('x'), carry({ y: 1 })] }); }, after: 2 }); // prettier-ignore
  expect(arrived).toEqual({ before: 1, inner: { deep: ['x', { y: 1 }] }, after: 2 });
});

test('the stack trace limit is left as it was', () => {
  const limit = Error.stackTraceLimit;
  carry(new Error('x'));
  expect(Error.stackTraceLimit).toBe(limit);
});

test('an array with many elements far apart takes a time that grows with them, not with their square', () => {
  const sparse: number[] = [];
  for (let i = 0; i < 30_000; i++) sparse[i * 100 + 1] = i;
  // The square would take minutes: the watchdog's.
  const arrived = carry(sparse, 1 << 20);
  expect(arrived).toHaveLength(sparse.length);
  expect(Object.keys(arrived)).toEqual(Object.keys(sparse));
  expect(arrived[2_999_901]).toBe(29_999);
});
