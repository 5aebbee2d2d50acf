// Large memory in values, which is not copied while they are written: what arrives is what was there then. (They are not
// compared by what says how they differ: for so many bytes that takes minutes.)
import { constants } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { SerializeError } from '../../lib/errors/errors.js';
import { decode, encode, flat } from '../../lib/serialize/codec.js';
import { PART_BYTES } from '../../lib/serialize/parts.js';
import { registerShareable } from '../../lib/serialize/shareables.js';
import { carry } from './carry.js';

const ONES = PART_BYTES + 5;
const ones = () => new Uint8Array(ONES).fill(1);
const scratch = Buffer.alloc(65536);
/** The memory that the encoded value would be put from. */
const memoryOf = (value: unknown) => encode(value, scratch).parts?.bytes.map(({ buffer }) => buffer);
const ResizableBuffer = ArrayBuffer as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;

describe('what is not copied', () => {
  test('begins with a size', () => {
    expect(encode({ a: new Uint8Array(PART_BYTES - 1) }, scratch).parts).toBe(undefined);
    expect(memoryOf({ a: new Uint8Array(PART_BYTES) })).toHaveLength(1);
  });

  test('is views of all kinds, memory and Buffers, in their order', () => {
    const words = new Float64Array(PART_BYTES);
    const buffer = Buffer.alloc(PART_BYTES * 2);
    const memory = new ArrayBuffer(PART_BYTES);
    const view = new DataView(new ArrayBuffer(PART_BYTES + 9), 3, PART_BYTES);
    const value = [words, { buffer, few: new Uint8Array(9), view }, new Map([[words, memory]])];
    expect(memoryOf(value)).toEqual([words.buffer, buffer.buffer, view.buffer, memory]);
    memoryOf(value)!.forEach((found, i) => expect(found).toBe([words, buffer, view, { buffer: memory }][i]!.buffer));
    expect(isDeepStrictEqual(carry(value), value)).toBe(true);
  });

  test('nor when things without code follow', () => {
    const big = ones();
    const follow = {
      n: [1, 'two', null, 3n],
      at: new Date(5),
      map: new Map([[{}, [new Set([1])]]]),
      few: Buffer.from('x'),
    };
    const value = { big, follow, ['__proto__x']: { deep: [{ deeper: new Float32Array(3) }] } };
    expect(memoryOf(value)![0]).toBe(big.buffer);
    expect(isDeepStrictEqual(carry(value), value)).toBe(true);
  });

  test('is copied at once where it can be resized', () => {
    const buffer = new ResizableBuffer(ONES, { maxByteLength: 2 * ONES });
    const value = { buffer, view: new Uint8Array(buffer, 1, 5) };
    expect(memoryOf(value)).toBe(undefined);
    expect(isDeepStrictEqual(carry(value), structuredClone(value))).toBe(true);
    expect(memoryOf(new Uint8Array(buffer))).toBe(undefined);
  });

  test('is copied when so much follows that to look at it would cost more', () => {
    const big = ones();
    const value = { big, many: Array.from({ length: ONES }, (_, i) => i) };
    expect(memoryOf(value)![0]).not.toBe(big.buffer);
    expect(isDeepStrictEqual(carry(value), value)).toBe(true);
    const keyed = { big, ...Object.fromEntries(value.many.slice(0, 100).map((i) => [`k${i}`, i])) };
    expect(memoryOf(keyed)![0]).not.toBe(big.buffer);
    expect(isDeepStrictEqual(carry(keyed), keyed)).toBe(true);
  });
});

test('positions move on with the objects that turn out to have many keys', () => {
  const keys = (count: number, last: object) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i === 3 || i === count - 1 ? last : i]));
  for (const count of [15, 16, 17, 40]) {
    const value = [ones(), keys(count, keys(count, ones())), ones(), keys(count, { inner: ones() })];
    expect(isDeepStrictEqual(carry(value), value)).toBe(true);
  }
});

test('the same memory in several places is sent once, and shared over there', () => {
  const big = ones();
  const half = big.subarray(7, 7 + PART_BYTES);
  const arrived = carry({ big, again: [big], half, memory: big.buffer });
  expect(isDeepStrictEqual(arrived, { big, again: [big], half, memory: big.buffer })).toBe(true);
  expect(arrived.again[0]).toBe(arrived.big);
  expect(arrived.half.buffer).toBe(arrived.big.buffer);
  expect(encode({ big, again: [big], half, memory: big.buffer }, scratch).parts!.bytes).toHaveLength(1);
});

// ------------------------------------------------------------------------------------------- code in between

class Told {
  readonly tell: () => void;
  constructor(tell: () => void) {
    this.tell = tell;
  }
}
registerShareable(Told, { kind: 'test-told', describe: (told) => told.tell(), revive: () => new Told(() => {}) });

type Teller = (tell: () => void) => object;
const owning = (object: object, key: string | number, get: () => unknown): object =>
  Object.defineProperty(object, key, { get, enumerable: true });

/** Objects that call `tell` while they are written. */
const tellers: [name: string, make: Teller][] = [
  ['a getter', (tell) => owning({ x: 1 }, 'next', tell)],
  ['a getter in depth', (tell) => [{ a: [{ b: owning({}, 'next', tell) }] }]],
  ['a getter of an element', (tell) => owning([1, 2, 3], 1, tell)],
  ['a getter of an index', (tell) => owning([1], 'index', tell)],
  ['a getter beside the elements', (tell) => owning(Object.assign([1], { groups: 1 }), 'more', tell)],
  ['a getter of an instance', (tell) => owning(Object.create({ made: true }) as object, 'next', tell)],
  ['a getter of its class', (tell) => Object.create(owning({}, 'constructor', () => (tell(), Object))) as object],
  ['a getter in a Map', (tell) => new Map([[1, owning({}, 'next', tell)]])],
  ['a getter in a Set', (tell) => new Set([owning({}, 'next', tell)])],
  ['a getter of an error', (tell) => owning(new Error('x'), 'cause', tell)],
  [
    'a getter of an error that is under way',
    (tell) => owning(new Error('x', { cause: {} }), 'name', () => (tell(), 'E')),
  ],
  ['a getter of a view', (tell) => owning(new Uint8Array(2), 'byteLength', () => (tell(), 2))],
  ['a getter of memory', (tell) => owning(new ArrayBuffer(2), 'detached', () => (tell(), false))],
  ['a getter of a RegExp', (tell) => owning(/x/, 'global', () => (tell(), false))],
  ['a Proxy for a class', (tell) => Object.create(new Proxy({}, { get: () => tell() })) as object],
  ['a shareable', (tell) => new Told(tell)],
];

describe.each(tellers)('%s that runs behind large memory', (_name, make) => {
  const places: [string, (big: object, teller: object) => unknown][] = [
    ['in an object', (big, teller) => ({ big, teller })],
    ['in an array', (big, teller) => [big, 1, teller]],
    ['in a Map', (big, teller) => new Map([[big, teller]])],
    ['between', (big, teller) => [[big], teller, ones()]],
    ['of an error', (big, teller) => Object.assign(new Error('x', { cause: big }), { teller })],
  ];
  const bigOf = (arrived: unknown): Uint8Array => {
    const { big, cause } = arrived as { big?: Uint8Array; cause?: Uint8Array };
    return big ?? cause ?? ([...(arrived as Iterable<Uint8Array>)].flat() as Uint8Array[])[0]!;
  };

  test.each(places)('finds nothing that it could change: %s', (_where, put) => {
    const changes: ((big: Uint8Array) => void)[] = [
      (big) => big.fill(9),
      (big) => structuredClone(big, { transfer: [big.buffer as ArrayBuffer] }),
    ];
    for (const change of changes) {
      const big = ones();
      let told = 0;
      const value = put(big, make(() => void (told++ === 0 && change(big)))); // prettier-ignore
      const arrived = carry(value);
      expect(told).toBeGreaterThan(0);
      expect(isDeepStrictEqual(bigOf(arrived), ones())).toBe(true);
    }
  });
});

test('a getter of what an array has none of', () => {
  const big = ones();
  // oxlint-disable-next-line no-extend-native -- that is what it is about
  Object.defineProperty(Array.prototype, 2, { get: () => void big.fill(9), configurable: true });
  try {
    const holes = [1, 2];
    holes.length = 4;
    expect(isDeepStrictEqual(carry({ big, holes }).big, ones())).toBe(true);
  } finally {
    delete Array.prototype[2];
  }
});

test('a getter of an error whose cause is large memory', () => {
  const cause = ones();
  const get = () => (cause.fill(9), 'Odd');
  const error = new Error('x', { cause });
  expect(error.stack).toContain('x'); // which is written when it is first read, and has the name
  Object.defineProperty(error, 'name', { get });
  const arrived = carry(error);
  expect(arrived.name).toBe('Odd');
  expect(isDeepStrictEqual(arrived.cause, ones())).toBe(true);
});

test('a getter that sends another value with large memory', () => {
  const inner: Uint8Array[] = [];
  const value = {
    before: ones(),
    get next() {
      inner.push(carry({ big: new Uint8Array(ONES).fill(2), twice: [ones()] }).big);
      return 'done';
    },
    after: new Uint8Array(ONES).fill(3),
  };
  const arrived = carry(value);
  expect(isDeepStrictEqual(arrived.before, ones())).toBe(true);
  expect(isDeepStrictEqual(arrived.after, value.after)).toBe(true);
  expect(isDeepStrictEqual(inner, [new Uint8Array(ONES).fill(2)])).toBe(true);
});

test('memory that was taken away by code that nobody expects: the value is refused, not torn', () => {
  const big = ones();
  // Its trap runs where the loop over keys comes to those of the prototype.
  const getOwnPropertyDescriptor = (target: object, key: string | symbol) => {
    if (key === 'z') structuredClone(big, { transfer: [big.buffer as ArrayBuffer] });
    return Reflect.getOwnPropertyDescriptor(target, key);
  };
  const value = Object.assign(Object.create(new Proxy({ z: 1 }, { getOwnPropertyDescriptor })) as object, { big });
  expect(() => encode(value, scratch)).toThrow(SerializeError);
  expect(() => encode(value, scratch)).toThrow('detached');
  expect(big.length).toBe(0);
  expect(isDeepStrictEqual(carry({ big: ones() }), { big: ones() })).toBe(true);
});

test.runIf(constants.MAX_LENGTH < 2 ** 40)('a message that is longer than memory can be is refused', () => {
  const memory = Buffer.alloc(constants.MAX_LENGTH / 2).buffer; // zeros that nobody has written take no memory
  const value = [Buffer.from(memory), Buffer.from(memory), Buffer.from(memory)];
  expect(() => encode(value, scratch)).toThrow(/sending the value: the message is too large/);
});

test('in memory of its own, behind bytes of the caller', () => {
  const value = { a: ones(), b: [ones(), 'x'] };
  const encoded = encode(value, scratch);
  const bytes = flat(encoded, 12);
  expect(isDeepStrictEqual(decode(encoded.codec, bytes, 12, bytes.length), value)).toBe(true);
});

// ------------------------------------------------------------------------------------------------- at random

const viewClasses = [
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigUint64Array,
  DataView,
];

/** Memory around the size from which it is not copied, and views anywhere in it. */
const large = fc
  .record({
    kind: fc.nat(viewClasses.length),
    bytes: fc.integer({ min: PART_BYTES - 9, max: PART_BYTES + 300 }),
    offset: fc.nat(5),
    less: fc.nat(5),
    seed: fc.nat(),
  })
  .map(({ kind, bytes, offset, less, seed }): object => {
    const memory = new ArrayBuffer(bytes - (bytes % 8) + 64);
    const all = new Uint8Array(memory);
    for (let i = 0; i < all.length; i += 97) all[i] = seed + i;
    const viewClass = viewClasses[kind];
    if (viewClass === undefined) return memory;
    const width = 'BYTES_PER_ELEMENT' in viewClass ? viewClass.BYTES_PER_ELEMENT : 1;
    const from = offset * width;
    return new (viewClass as new (memory: ArrayBuffer, from: number, length: number) => object)(
      memory,
      from,
      (memory.byteLength - from) / width - less,
    );
  });

const { value: anyValue } = fc.letrec<{ value: unknown; node: unknown }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, large, fc.string(), fc.double(), tie('node')),
  node: fc.oneof(
    fc.array(tie('value'), { maxLength: 6 }),
    fc
      .uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { maxLength: 24 })
      .chain((keys) =>
        fc
          .array(tie('value'), { minLength: 1, maxLength: 3 })
          .map((some) => Object.fromEntries(keys.map((key, i) => [`k${key}`, some[i % some.length]]))),
      ),
    fc.array(tie('value'), { maxLength: 3 }).map((members) => new Set(members)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((entries) => new Map(entries)),
    tie('value').map((got) => ({ get: 1, get got() { return got; }, more: [got] })), // prettier-ignore
  ),
}));

test('values with large memory in odd places arrive as their structured clones', () => {
  const property = fc.property(anyValue, fc.integer({ min: 1, max: 300 }), (value, scratchBytes) =>
    isDeepStrictEqual(carry(value, scratchBytes), structuredClone(value)),
  );
  const numRuns = Number(process.env['PROCLOOM_FUZZ_RUNS'] ?? 300);
  expect(() => fc.assert(property, { numRuns })).not.toThrow();
});
