// Bytes that nobody of us wrote: an error, never a crash, a hang or a value out of thin air.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { SerializeError } from '../../lib/errors/errors.js';
import { decode } from '../../lib/serialize/codec.js';
import * as token from '../../lib/serialize/tokens.js';
import { message } from './carry.js';

const runs = { numRuns: Number(process.env['PROCLOOM_FUZZ_RUNS'] ?? 2000) };

/** As lengths of memory are written. */
const f64 = (value: number) => [...new Uint8Array(Float64Array.of(value).buffer)];

/** Either a value or a SerializeError. */
function expectSurvival(codec: number, bytes: Buffer): void {
  const padded = Buffer.concat([Buffer.from([1, 2, 3]), bytes, Buffer.alloc(9, 0x41)]);
  try {
    decode(codec, padded, 3, 3 + bytes.length);
  } catch (error) {
    expect(error).toBeInstanceOf(SerializeError);
  }
}

const seeds = [
  { id: 1, name: 'x', tags: ['a', 'b'], x: 0.5, when: new Date(), big: 2n ** 100n },
  [new Map([[1, new Set(['a'])]]), /x/g, new Error('e', { cause: 1 }), Object(5), Object.assign([1], { 2: 3 })],
  [Float64Array.of(1, 2), new Uint16Array(new ArrayBuffer(16), 4, 2), Buffer.from('abc'), '漢字', 'x'.repeat(300)],
].map((value) => message([value, value]));

test('random bytes', () => {
  expect(() =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 15 }), fc.uint8Array({ maxLength: 200 }), (codec, bytes) => {
        expectSurvival(codec, Buffer.from(bytes));
      }),
      runs,
    ),
  ).not.toThrow();
});

test('random tokens', () => {
  const byte = fc.oneof(
    fc.integer({ min: 0xc0, max: 0xe0 }),
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ max: 255, min: 0 }),
  );
  expect(() =>
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 100 }), (bytes) => expectSurvival(2, Buffer.from(bytes))),
      runs,
    ),
  ).not.toThrow();
});

test('real messages with a few bytes changed', () => {
  const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
  expect(() =>
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(change, { minLength: 1, maxLength: 4 }), (seed, changes) => {
        const bytes = Buffer.from(seed.bytes);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        expectSurvival(seed.codec, bytes);
      }),
      runs,
    ),
  ).not.toThrow();
});

test('real messages cut short, and with more behind them', () => {
  for (const { codec, bytes } of seeds) {
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decode(codec, bytes, 0, end)).toThrow(SerializeError);
    }
    expect(() => decode(codec, Buffer.concat([bytes, Buffer.from([0])]), 0, bytes.length + 1)).toThrow(/left over/);
  }
});

test.each<[string, number[]]>([
  ['an array of four thousand million', [token.ARRAY, 0xff, 0xff, 0xff, 0xff]],
  ['an object of four thousand million', [token.OBJECT, 0xff, 0xff, 0xff, 0xff]],
  ['a map of four thousand million', [token.MAP, 0xff, 0xff, 0xff, 0xff]],
  ['a set of four thousand million', [token.SET, 0xff, 0xff, 0xff, 0xff, 1]],
  ['a string longer than the message', [token.STRING_32, 0xff, 0xff, 0xff, 0x7f, 65]],
  ['a two-byte string longer than the message', [token.STRING_TWO_BYTE, 0xff, 0xff, 0xff, 0xff, 65, 0]],
  ['memory longer than the message', [token.ARRAY_BUFFER, ...f64(2 ** 31)]],
  ['memory longer than any', [token.ARRAY_BUFFER, ...f64(2 ** 53 - 1)]],
  ['memory of no length', [token.ARRAY_BUFFER, ...f64(NaN)]],
  ['memory of less than nothing', [token.ARRAY_BUFFER, ...f64(-1)]],
  ['memory of half a byte', [token.ARRAY_BUFFER, ...f64(0.5), 1]],
  ['a resizable buffer of a wild maximum', [token.RESIZABLE_BUFFER, ...f64(0), ...f64(2 ** 53 - 1)]],
  ['a resizable buffer beyond its maximum', [token.RESIZABLE_BUFFER, ...f64(1), ...f64(0), 1]],
  ['a view of a wild kind', [token.VIEW, 200, ...f64(0)]],
  [
    'a misaligned view',
    [token.VIEW_OF, 9, ...f64(1), ...f64(8), token.ARRAY_BUFFER, ...f64(8), 1, 2, 3, 4, 5, 6, 7, 8],
  ],
  [
    'a view beyond its memory',
    [token.VIEW_OF, 2, ...f64(1), ...f64(8), token.ARRAY_BUFFER, ...f64(8), 1, 2, 3, 4, 5, 6, 7, 8],
  ],
  ['an error of a wild kind', [token.ERROR, 99, 0]],
  ['holes beyond the end', [token.ARRAY_0 | 2, token.HOLES, 3, 0, 0, 0]],
  ['no holes', [token.ARRAY_0 | 2, token.HOLES, 0, 0, 0, 0]],
  ['a link to nothing', [token.ARRAY_0 | 1, token.LINK, 5, 0, 0, 0]],
  ['a link to what is still being made', [token.SHAREABLE, token.LINK, 0, 0, 0, 0]],
  ['a bigint without digits', [token.BIGINT, 0, token.STRING_0]],
  ['a bigint that is code', [token.BIGINT, 0, token.STRING_0 | 3, 0x31, 0x2b, 0x31]],
  ['a broken regular expression', [token.REGEXP, token.STRING_0 | 1, 0x28, token.STRING_0]],
  ['wrong flags', [token.REGEXP, token.STRING_0 | 1, 0x61, token.STRING_0 | 1, 0x7a]],
  ['a box around nothing', [token.BOXED, token.NULL]],
  ['an unknown token', [0xff]],
  ['nothing', []],
])('%s', (_name, bytes) => {
  expect(() => decode(2, Buffer.from(bytes), 0, bytes.length)).toThrow(SerializeError);
});

test('a very deep message', () => {
  expect(() => decode(1, Buffer.alloc(1_000_000, token.ARRAY_0 | 1), 0, 1_000_000)).toThrow(/nested too deeply/);
});

const u32 = (n: number): number[] => [n & 255, (n >>> 8) & 255, (n >>> 16) & 255, n >>> 24];
const heapUsedBy = (work: () => unknown): number => {
  globalThis.gc!();
  const before = process.memoryUsage().heapUsed;
  const result = work();
  const used = process.memoryUsage().heapUsed - before;
  expect(result).toBeDefined();
  return used;
};

test('holes take no memory, however many', () => {
  const holes = [token.ARRAY, ...u32(30e6), token.HOLES, ...u32(30e6)];
  const bytes = Buffer.from([token.ARRAY_0 | 15, ...Array.from({ length: 15 }, () => holes).flat()]);
  const used = heapUsedBy(() => {
    const arrays = decode(1, bytes, 0, bytes.length) as unknown[][];
    expect(arrays.map(({ length }) => length)).toEqual(Array.from({ length: 15 }, () => 30e6));
    return arrays;
  });
  expect(used).toBeLessThan(50e6);
});

test('an array among whose properties is a length is refused', () => {
  const bytes = Buffer.from([token.ARRAY_WITH_KEYS, token.ARRAY_0, ...u32(1), 6, ...Buffer.from('length'), 100]);
  expect(() => decode(1, bytes, 0, bytes.length)).toThrow(SerializeError);
});

test('more resizable buffers than the system can map are refused, not a crash', () => {
  const one = Buffer.from([token.RESIZABLE_BUFFER, ...f64(1), ...f64(4096), 7]);
  const count = 70_000;
  const all = Array.from({ length: count }, () => one);
  const bytes = Buffer.concat([Buffer.from([token.ARRAY, ...u32(count)]), ...all]);
  expect(() => decode(1, bytes, 0, bytes.length)).toThrow(/too many resizable buffers/);
});

test('strings: half of a character, and more than a string can be', () => {
  expect(() => decode(4, Buffer.from('abc'), 0, 3)).toThrow(SerializeError);
  const length = 2 ** 29;
  expect(() => decode(3, Buffer.alloc(length), 0, length)).toThrow(SerializeError);
});

test('many arrays that each claim the whole rest take no memory for it', () => {
  const claim = Buffer.from([token.ARRAY, 0, 0xff, 0, 0]);
  const bytes = Buffer.concat(Array.from({ length: 5000 }, () => claim));
  const before = process.memoryUsage().heapUsed;
  expect(() => decode(1, bytes, 0, bytes.length)).toThrow(SerializeError);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100e6);
});
