/**
 * Python's type codes: how an element of each lies in memory, and what it is in JavaScript.
 *
 * Sizes are those of C on the 64-bit systems we run on (`l` has 8 bytes). A number that does not fit its type is an
 * error here; Python wraps it silently.
 */
import { checkChoice, invalidArgument } from '../errors/arguments.js';

/**
 * b B (int8 uint8) h H (int16 uint16) i I (int32 uint32) l L q Q (int64 uint64, as bigint) f d (float32 float64)
 * c (one byte, as a one-character string) u (one UTF-16 unit) ? (boolean).
 */
export type TypeCode = 'b' | 'B' | 'h' | 'H' | 'i' | 'I' | 'l' | 'L' | 'q' | 'Q' | 'f' | 'd' | 'c' | 'u' | '?';

/** The typed array over elements of each type. */
export interface Views {
  b: Int8Array;
  B: Uint8Array;
  h: Int16Array;
  H: Uint16Array;
  i: Int32Array;
  I: Uint32Array;
  l: BigInt64Array;
  L: BigUint64Array;
  q: BigInt64Array;
  Q: BigUint64Array;
  f: Float32Array;
  d: Float64Array;
  c: Uint8Array;
  u: Uint16Array;
  '?': Uint8Array;
}
/** The typed array over elements of that type. */
export type ViewOf<T extends TypeCode> = Views[T];

/** What a type code holds in JavaScript. */
export type ValueOf<T extends TypeCode> = T extends 'l' | 'L' | 'q' | 'Q'
  ? bigint
  : T extends 'c' | 'u'
    ? string
    : T extends '?'
      ? boolean
      : number;

export type Element = number | bigint | string | boolean;
export type AnyView = Views[TypeCode];
export type IntegerView = Exclude<AnyView, Float32Array | Float64Array>;

/** One type code. `toMemory` checks, `fromMemory` trusts. */
export interface ElementType {
  readonly code: TypeCode;
  readonly bytes: number;
  /** Whether add() and compareExchange() are for it. */
  readonly integer: boolean;
  readonly zero: Element;
  makeView(buffer: ArrayBuffer): AnyView;
  /** The element as the typed array holds it. TypeError or RangeError when it does not fit. */
  toMemory(value: unknown): number | bigint;
  /** The element as JavaScript sees it; undefined where memory is none (a closed object). */
  fromMemory(stored: number | bigint): Element;
}

type ViewClass = { new (buffer: ArrayBuffer): AnyView; readonly BYTES_PER_ELEMENT: number };

const asItIs = (stored: number | bigint): Element => stored;

function integerType(code: TypeCode, View: ViewClass, min: number, max: number): ElementType {
  return {
    code,
    bytes: View.BYTES_PER_ELEMENT,
    integer: true,
    zero: 0,
    makeView: (buffer) => new View(buffer),
    toMemory(value) {
      if (typeof value !== 'number')
        throw invalidArgument(TypeError, `a value of type '${code}' must be a number`, value);
      if (!Number.isInteger(value) || value < min || value > max) {
        throw invalidArgument(RangeError, `a value of type '${code}' must be an integer from ${min} to ${max}`, value);
      }
      return value;
    },
    fromMemory: asItIs,
  };
}

function bigintType(code: TypeCode, View: ViewClass, min: bigint, max: bigint): ElementType {
  return {
    code,
    bytes: View.BYTES_PER_ELEMENT,
    integer: true,
    zero: 0n,
    makeView: (buffer) => new View(buffer),
    toMemory(value) {
      if (typeof value !== 'bigint')
        throw invalidArgument(TypeError, `a value of type '${code}' must be a bigint`, value);
      if (value < min || value > max) {
        throw invalidArgument(RangeError, `a value of type '${code}' must be from ${min}n to ${max}n`, value);
      }
      return value;
    },
    fromMemory: asItIs,
  };
}

function floatType(code: TypeCode, View: ViewClass): ElementType {
  return {
    code,
    bytes: View.BYTES_PER_ELEMENT,
    integer: false,
    zero: 0,
    makeView: (buffer) => new View(buffer),
    toMemory(value) {
      if (typeof value !== 'number')
        throw invalidArgument(TypeError, `a value of type '${code}' must be a number`, value);
      if (code === 'f' && Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
        throw invalidArgument(RangeError, "a value of type 'f' must fit a 32-bit float", value);
      }
      return value;
    },
    fromMemory: asItIs,
  };
}

function characterType(code: 'c' | 'u', View: ViewClass, max: number): ElementType {
  const what = code === 'c' ? 'one character up to U+00FF' : 'one UTF-16 unit';
  return {
    code,
    bytes: View.BYTES_PER_ELEMENT,
    integer: false,
    zero: '\0',
    makeView: (buffer) => new View(buffer),
    toMemory(value) {
      const rule = `a value of type '${code}' must be a string of ${what}`;
      if (typeof value !== 'string') throw invalidArgument(TypeError, rule, value);
      if (value.length !== 1 || value.charCodeAt(0) > max) throw invalidArgument(RangeError, rule, value);
      return value.charCodeAt(0);
    },
    fromMemory: (stored) => String.fromCharCode(stored as number),
  };
}

const booleanType: ElementType = {
  code: '?',
  bytes: 1,
  integer: false,
  zero: false,
  makeView: (buffer) => new Uint8Array(buffer),
  toMemory(value) {
    if (typeof value === 'boolean') return value ? 1 : 0;
    throw invalidArgument(TypeError, "a value of type '?' must be true or false", value);
  },
  fromMemory: (stored) => stored !== 0,
};

const INT64 = [-(2n ** 63n), 2n ** 63n - 1n] as const;
const UINT64 = [0n, 2n ** 64n - 1n] as const;

const types: Readonly<Record<TypeCode, ElementType>> = {
  b: integerType('b', Int8Array, -(2 ** 7), 2 ** 7 - 1),
  B: integerType('B', Uint8Array, 0, 2 ** 8 - 1),
  h: integerType('h', Int16Array, -(2 ** 15), 2 ** 15 - 1),
  H: integerType('H', Uint16Array, 0, 2 ** 16 - 1),
  i: integerType('i', Int32Array, -(2 ** 31), 2 ** 31 - 1),
  I: integerType('I', Uint32Array, 0, 2 ** 32 - 1),
  l: bigintType('l', BigInt64Array, ...INT64),
  L: bigintType('L', BigUint64Array, ...UINT64),
  q: bigintType('q', BigInt64Array, ...INT64),
  Q: bigintType('Q', BigUint64Array, ...UINT64),
  f: floatType('f', Float32Array),
  d: floatType('d', Float64Array),
  c: characterType('c', Uint8Array, 0xff),
  u: characterType('u', Uint16Array, 0xffff),
  '?': booleanType,
};

/** The type of a code; TypeError or RangeError for anything else. */
export function elementTypeOf(code: TypeCode): ElementType {
  return types[checkChoice('type', code, Object.keys(types) as TypeCode[])];
}
