// Messages that nobody wrote, for fast-check: the grammar of tokens.ts with wrong numbers here and there, and real messages
// with changes. Each is an input as codec-input.mjs takes it, or a value within one. (Bytes of any sort are libFuzzer's own.)
import * as fc from 'fast-check';

import { encode } from '../../dist/serialize/codec.js';
import * as token from '../../dist/serialize/tokens.js';
import { STUB_KIND } from './codec-input.mjs';

const u32 = (number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number >>> 0);
  return bytes;
};
const f64 = (number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(number);
  return bytes;
};
const join = (parts) => Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : part)));

const edges = [
  0,
  1,
  2,
  15,
  16,
  127,
  128,
  255,
  256,
  16_384,
  65_536,
  2 ** 25,
  2 ** 25 + 1,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
];
const edge = fc.oneof(fc.constantFrom(...edges), fc.nat({ max: 40 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
/** Mostly the truth. */
const about = (truth) => fc.oneof({ weight: 15, arbitrary: fc.constant(truth) }, { weight: 1, arbitrary: edge });
const number = fc.oneof(fc.constantFrom(...edges, -1, NaN, Infinity, 0.5, 1e300), fc.double());

const short = fc.uint8Array({ maxLength: 12 });
const stringOf = (bytes) => join([token.STRING_0 | bytes.length, Buffer.from(bytes)]);
const text = (string) => stringOf(Buffer.from(string, 'latin1'));
const string = fc.oneof(
  short.map(stringOf),
  fc
    .constantFrom('', 'length', '__proto__', 'constructor', 'index', 'stack', '0', '7', '4294967294', 'x'.repeat(31))
    .map(text),
  fc.tuple(short, edge).map(([bytes, length]) => join([token.STRING_8, length & 255, bytes])),
  short.chain((bytes) => about(bytes.length).map((length) => join([token.STRING_32, u32(length), bytes]))),
  short.chain((bytes) => about(bytes.length >> 1).map((length) => join([token.STRING_TWO_BYTE, u32(length), bytes]))),
);
const key = fc.oneof(
  short.map((bytes) => join([bytes.length, bytes])),
  fc
    .constantFrom('length', '__proto__', 'index', '0', '9', 'message')
    .map((name) => join([name.length, Buffer.from(name)])),
  string.map((value) => join([0xff, value])),
);

const primitive = fc.oneof(
  fc.nat({ max: 255 }).map((byte) => Buffer.from([byte])),
  fc.constantFrom(token.NULL, token.UNDEFINED, token.FALSE, token.TRUE).map((byte) => Buffer.from([byte])),
  fc.nat({ max: 255 }).map((byte) => join([token.INT8, byte])),
  edge.map((n) => join([token.INT16, u32(n).subarray(0, 2)])),
  edge.map((n) => join([token.INT32, u32(n)])),
  number.map((n) => join([token.FLOAT64, f64(n)])),
  fc.tuple(edge, edge).map(([low, high]) => join([token.BIGINT64, u32(low), u32(high)])),
  fc
    .tuple(fc.nat({ max: 2 }), fc.oneof(fc.stringMatching(/^[0-9a-f]{1,30}$/).map(text), string))
    .map(([sign, digits]) => join([token.BIGINT, sign, digits])),
  number.map((n) => join([token.DATE, f64(n)])),
  fc
    .tuple(
      fc.oneof(fc.constantFrom('(a+)+$', '[', '(?<x>a)\\k<x>', '').map(text), string),
      fc.constantFrom('', 'g', 'gimsuy', 'v', 'uv').map(text),
    )
    .map(([source, flags]) => join([token.REGEXP, source, flags])),
  edge.map((n) => join([token.LINK, u32(n % 20)])),
  string,
);

const memory = fc.oneof(
  short.chain((bytes) => about(bytes.length).map((length) => join([token.ARRAY_BUFFER, f64(length), bytes]))),
  fc
    .tuple(short, edge)
    .chain(([bytes, most]) =>
      about(bytes.length).map((length) => join([token.RESIZABLE_BUFFER, f64(length), f64(most), bytes])),
    ),
  fc.nat({ max: 20 }).map((n) => join([token.LINK, u32(n)])),
);
const view = fc.nat({ max: 14 });
const stub = number.map((n) => join([token.SHAREABLE, text(STUB_KIND), token.FLOAT64, f64(n)]));

export const { value: values } = fc.letrec((tie) => {
  const value = tie('value');
  const several = fc.array(value, { maxLength: 4 });
  const keyed = fc.array(fc.tuple(key, value).map(join), { maxLength: 4 });
  const counted = (byte, items, per = 1) =>
    items.chain((parts) => about(parts.length / per).map((n) => join([byte, u32(n), ...parts])));
  const hole = edge.map((n) => join([token.HOLES, u32(n)]));
  const array = fc.oneof(
    several.map((parts) => join([token.ARRAY_0 | parts.length, ...parts])),
    counted(token.ARRAY, several),
    fc
      .tuple(edge, fc.array(fc.oneof(value, hole), { maxLength: 4 }))
      .map(([length, parts]) => join([token.ARRAY, u32(length), ...parts])),
    edge.map((n) => join([token.ARRAY, u32(n), token.HOLES, u32(n)])),
  );
  return {
    value: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      primitive,
      array,
      keyed.map((parts) => join([token.OBJECT_0 | parts.length, ...parts])),
      counted(token.OBJECT, keyed),
      fc
        .tuple(fc.oneof(array, value), keyed)
        .chain(([base, parts]) =>
          about(parts.length).map((n) => join([token.ARRAY_WITH_KEYS, base, u32(n), ...parts])),
        ),
      counted(token.MAP, fc.array(fc.tuple(value, value).map(join), { maxLength: 3 })),
      counted(token.SET, several),
      value.map((inner) => join([token.BOXED, inner])),
      fc
        .tuple(fc.nat({ max: 9 }), fc.nat({ max: 255 }), several, keyed)
        .chain(([kind, fields, parts, more]) =>
          about(more.length).map((n) => join([token.ERROR, kind, fields, ...parts, u32(n), ...more])),
        ),
      memory,
      fc
        .tuple(view, short)
        .chain(([kind, bytes]) => about(bytes.length).map((n) => join([token.VIEW, kind, f64(n), bytes]))),
      fc
        .tuple(view, edge, edge, fc.oneof(memory, value))
        .map(([kind, offset, length, of]) => join([token.VIEW_OF, kind, f64(offset % 16), f64(length % 16), of])),
      stub,
      fc.tuple(string, value).map(([kind, payload]) => join([token.SHAREABLE, kind, payload])),
      fc
        .tuple(view, number, number, fc.oneof(stub, value))
        .map(([kind, offset, length, of]) => join([token.SHARED_VIEW, kind, f64(offset), f64(length), of])),
      fc.oneof(stub, value).map((of) => join([token.SHARED_BUFFER, of])),
    ),
  };
});

const scratch = Buffer.alloc(1 << 16);
const real = fc
  .anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    withUnicodeString: true,
  })
  .map((value) => {
    const { codec, buffer, start, end } = encode([value, value], scratch);
    return join([codec, buffer.subarray(start, end)]);
  });

const change = fc.oneof(
  fc.tuple(fc.nat(), fc.nat({ max: 255 })).map(([at, byte]) => (bytes) => {
    const changed = Buffer.from(bytes);
    changed[at % changed.length] = byte;
    return changed;
  }),
  fc.tuple(fc.nat(), edge).map(([at, n]) => (bytes) => {
    const place = at % bytes.length;
    return join([bytes.subarray(0, place), u32(n), bytes.subarray(place + 4)]);
  }),
  fc.tuple(fc.nat(), fc.nat({ max: 20 })).map(([at, n]) => (bytes) => {
    const place = at % bytes.length;
    return join([bytes.subarray(0, place + 1), bytes.subarray(place + 1 + n)]);
  }),
  fc.tuple(fc.nat(), fc.nat({ max: 20 })).map(([at, n]) => (bytes) => {
    const place = at % bytes.length;
    return join([bytes.subarray(0, place + 1), bytes.subarray(place), bytes.subarray(place, place + n)]);
  }),
);
const changed = (arbitrary) =>
  fc
    .tuple(arbitrary, fc.array(change, { maxLength: 4 }))
    .map(([bytes, changes]) => changes.reduce((before, apply) => apply(before), bytes));

const codec = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 2 }) },
  { weight: 1, arbitrary: fc.nat({ max: 15 }) },
);
const made = fc.tuple(codec, values).map(join);

export const messages = fc.oneof(
  { weight: 4, arbitrary: made },
  { weight: 2, arbitrary: changed(made) },
  { weight: 3, arbitrary: changed(real) },
);
