/**
 * Short strings out of bytes, without a call into C++ (which costs more than the string).
 */

const chars = String.fromCharCode;
/** Longer strings are cheaper by toString. */
const LONGEST_HERE = 16;

/** The string of `n` one-byte characters at `at`. REQUIRES: they are all in the buffer. */
export function readOneByteString(b: Buffer, at: number, n: number): string {
  if (n > LONGEST_HERE) return b.toString('latin1', at, at + n);
  // prettier-ignore
  switch (n) {
    case 0: return '';
    case 1: return chars(b[at]!);
    case 2: return chars(b[at]!, b[at + 1]!);
    case 3: return chars(b[at]!, b[at + 1]!, b[at + 2]!);
    case 4: return chars(b[at]!, b[at + 1]!, b[at + 2]!, b[at + 3]!);
    case 5: return chars(b[at]!, b[at + 1]!, b[at + 2]!, b[at + 3]!, b[at + 4]!);
    case 6: return chars(b[at]!, b[at + 1]!, b[at + 2]!, b[at + 3]!, b[at + 4]!, b[at + 5]!);
    case 7: return chars(b[at]!, b[at + 1]!, b[at + 2]!, b[at + 3]!, b[at + 4]!, b[at + 5]!, b[at + 6]!);
    case 8: return chars(b[at]!, b[at + 1]!, b[at + 2]!, b[at + 3]!, b[at + 4]!, b[at + 5]!, b[at + 6]!, b[at + 7]!);
    case 9: return chars(b[at]!, b[at + 1]!, b[at + 2]!, b[at + 3]!, b[at + 4]!, b[at + 5]!, b[at + 6]!, b[at + 7]!, b[at + 8]!);
    case 10: return chars(b[at]!, b[at + 1]!, b[at + 2]!, b[at + 3]!, b[at + 4]!, b[at + 5]!, b[at + 6]!, b[at + 7]!, b[at + 8]!, b[at + 9]!);
    case 11: return chars(b[at]!, b[at + 1]!, b[at + 2]!, b[at + 3]!, b[at + 4]!, b[at + 5]!, b[at + 6]!, b[at + 7]!, b[at + 8]!, b[at + 9]!, b[at + 10]!);
    case 12: return chars(b[at]!, b[at + 1]!, b[at + 2]!, b[at + 3]!, b[at + 4]!, b[at + 5]!, b[at + 6]!, b[at + 7]!, b[at + 8]!, b[at + 9]!, b[at + 10]!, b[at + 11]!);
    default: return chars(b[at]!, b[at + 1]!, b[at + 2]!, b[at + 3]!, b[at + 4]!, b[at + 5]!, b[at + 6]!, b[at + 7]!, b[at + 8]!, b[at + 9]!, b[at + 10]!, b[at + 11]!) +
      readOneByteString(b, at + 12, n - 12);
  }
}

/** Keys repeat from message to message: each is kept under a hash of a few of its bytes, the last one wins. */
const KEYS = 2048;
const keys: string[] = new Array<string>(KEYS).fill('');

/** As readOneByteString, for the keys of objects. */
export function readKey(b: Buffer, at: number, n: number): string {
  if (n === 0) return '';
  const place = (n * 37 + b[at]! * 7 + b[at + (n >> 1)]! * 131 + b[at + n - 1]! * 521) & (KEYS - 1);
  const known = keys[place]!;
  if (known.length === n) {
    let i = 0;
    while (i < n && known.charCodeAt(i) === b[at + i]) i++;
    if (i === n) return known;
  }
  // Through an object, because the engine then gives the one copy that it uses as a key itself.
  const key = Object.keys({ [readOneByteString(b, at, n)]: 0 })[0]!;
  keys[place] = key;
  return key;
}
