/**
 * The bytes that values are made of: one token, then what the token asks for. Numbers are little-endian.
 *
 *     value    := token payload
 *     keyed    := key value                       key := length:u8 one-byte characters | 255 value(string)
 *     object   := OBJECT_0+n keyed{n}             | OBJECT n:u32 keyed{n}
 *     array    := ARRAY_0+n element{n}            | ARRAY n:u32 element*      (until n elements are filled)
 *     element  := value | HOLES count:u32
 *
 * Every object (array, map, date, …) has a number: the order in which its token was written, from 0. LINK repeats one
 * by its number, which is how cycles and shared parts survive. Only messages that hold a LINK (CODEC_LINKED_VALUE)
 * make the reader remember its objects.
 *
 * Two processes of different versions never meet over these bytes: the layout's fingerprint keeps them apart.
 */

/** 0x00…0x7f: the integer itself. */
export const SMALL_INTEGER_LAST = 0x7f;
/** 0x80…0x8f: an array of 0…15 elements. */
export const ARRAY_0 = 0x80;
/** 0x90…0x9f: an object of 0…15 keys. */
export const OBJECT_0 = 0x90;
/** 0xa0…0xbf: a string of 0…31 one-byte characters. */
export const STRING_0 = 0xa0;

export const NULL = 0xc0;
export const UNDEFINED = 0xc1;
export const FALSE = 0xc2;
export const TRUE = 0xc3;
export const INT8 = 0xc4;
export const INT16 = 0xc5;
export const INT32 = 0xc6;
export const FLOAT64 = 0xc7;
/** i64 */
export const BIGINT64 = 0xc8;
/** sign:u8, hexadecimal digits as string */
export const BIGINT = 0xc9;
/** length:u8 */
export const STRING_8 = 0xca;
/** length:u32 */
export const STRING_32 = 0xcb;
/** UTF-16LE, length in units:u32 */
export const STRING_TWO_BYTE = 0xcc;
export const ARRAY = 0xcd;
export const OBJECT = 0xce;
/** A run of missing elements, count:u32. */
export const HOLES = 0xcf;
/** An array with properties beside its elements: the array's own token and elements, then n:u32 keyed{n}. */
export const ARRAY_WITH_KEYS = 0xd0;
/** n:u32, then n pairs of values. */
export const MAP = 0xd1;
/** n:u32, then n values. */
export const SET = 0xd2;
/** f64; NaN is the invalid date. */
export const DATE = 0xd3;
/** source and flags as two strings */
export const REGEXP = 0xd4;
/** The value inside: number, string, boolean or bigint. */
export const BOXED = 0xd5;
/** kind:u8, fields:u8, then the fields (see error-kinds.ts) and n:u32 keyed{n} */
export const ERROR = 0xd6;
/** length:f64, bytes (lengths of memory are numbers as JavaScript has them: 32 bits do not suffice) */
export const ARRAY_BUFFER = 0xd7;
/** length:f64, maximum length:f64, bytes */
export const RESIZABLE_BUFFER = 0xd8;
/** So many of these at most in a message: the system maps each apart, and a process with too many mappings ends. */
export const MOST_RESIZABLE = 16_384;
/**
 * view:u8 (see views.ts), length in bytes:f64, bytes: a view that covers its memory. The memory has the number after the
 * view's; that of a Buffer, which is mostly a part of a pool, has none.
 */
export const VIEW = 0xd9;
/** view:u8, offset:f64, length in bytes:f64, then its ArrayBuffer as a value: views that share memory keep sharing it */
export const VIEW_OF = 0xda;
/** kind as string, payload as value: an object that travels as a reference */
export const SHAREABLE = 0xdb;
/** view:u8, offset:f64, length:f64, then the shareable whose memory it is */
export const SHARED_VIEW = 0xdc;
/** The ArrayBuffer of the shareable that follows. */
export const SHARED_BUFFER = 0xdd;
/** number:u32 */
export const LINK = 0xde;
