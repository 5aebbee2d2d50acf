/**
 * Checks of arguments, the same sentences everywhere.
 *
 * A value of the wrong type is a TypeError, one out of its range a RangeError; both have the code
 * 'ERR_PROCLOOM_INVALID_ARGUMENT', and the message names the argument, what it must be and what was given.
 */
import { inspect } from 'node:util';

export const INVALID_ARGUMENT = 'ERR_PROCLOOM_INVALID_ARGUMENT';

/** A value as it is shown in a message: one line, not long. */
export function shown(value: unknown): string {
  if (typeof value === 'function') return value.name === '' ? 'an anonymous function' : `function ${value.name}`;
  const text = inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 64, maxArrayLength: 4 });
  return text.length > 128 ? `${text.slice(0, 125)}...` : text;
}

/** `throw invalidArgument(RangeError, 'maxsize must be …', maxsize)` */
export function invalidArgument(
  errorClass: typeof TypeError | typeof RangeError,
  rule: string,
  value: unknown,
): TypeError | RangeError {
  const error = new errorClass(`${rule}; got ${shown(value)}.`) as TypeError & { code: string };
  error.code = INVALID_ARGUMENT;
  Error.captureStackTrace?.(error, invalidArgument);
  return error;
}

/**
 * The `timeout` of an options object as milliseconds for the seam: undefined waits for ever (-1), zero or less does
 * not wait (0), Infinity is for ever.
 */
export function checkTimeout(timeout: number | undefined): number {
  if (timeout === undefined) return -1;
  if (typeof timeout !== 'number') {
    throw invalidArgument(TypeError, 'timeout must be a number of milliseconds or undefined', timeout);
  }
  if (timeout <= 0) return 0;
  if (timeout === Infinity) return -1;
  if (Number.isNaN(timeout)) {
    throw invalidArgument(RangeError, 'timeout must be a number of milliseconds, not NaN', timeout);
  }
  return timeout;
}

export function checkSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw invalidArgument(TypeError, 'signal must be an AbortSignal', signal);
}

/** An options object, or undefined; anything else is likely an argument in the wrong place. */
export function checkOptions<T extends object>(options: T | undefined): T | undefined {
  if (options === undefined || (typeof options === 'object' && options !== null)) return options;
  throw invalidArgument(TypeError, 'options must be an object', options);
}

/** `min` and `max` are the least and the greatest value allowed. */
export function checkInteger(
  name: string,
  value: number,
  min: number = Number.MIN_SAFE_INTEGER,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value !== 'number') throw invalidArgument(TypeError, `${name} must be an integer`, value);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw invalidArgument(RangeError, `${name} must be an integer ${rangeText(min, max)}`, value);
  }
  return value;
}

function rangeText(min: number, max: number): string {
  const bounded = { below: min !== Number.MIN_SAFE_INTEGER, above: max !== Number.MAX_SAFE_INTEGER };
  if (bounded.below && bounded.above) return `from ${min} to ${max}`;
  if (bounded.below) return `of ${min} or more`;
  return bounded.above ? `of ${max} or less` : 'that a number can hold exactly';
}

export function checkBoolean(name: string, value: boolean): boolean {
  if (typeof value === 'boolean') return value;
  throw invalidArgument(TypeError, `${name} must be true or false`, value);
}

export function checkString(name: string, value: string): string {
  if (typeof value === 'string') return value;
  throw invalidArgument(TypeError, `${name} must be a string`, value);
}

export function checkFunction<F extends (...args: never[]) => unknown>(name: string, value: F): F {
  if (typeof value === 'function') return value;
  throw invalidArgument(TypeError, `${name} must be a function`, value);
}

export function checkIterable<T>(name: string, value: Iterable<T>): Iterable<T> {
  if (typeof (value as Iterable<T> | null | undefined)?.[Symbol.iterator] === 'function') return value;
  throw invalidArgument(TypeError, `${name} must be iterable`, value);
}

/** One of a list of words, such as the `open` of a name. */
export function checkChoice<T extends string>(name: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  const errorClass = typeof value === 'string' ? RangeError : TypeError;
  throw invalidArgument(
    errorClass,
    `${name} must be one of ${choices.map((choice) => `'${choice}'`).join(', ')}`,
    value,
  );
}

const namePattern = /^[A-Za-z0-9._-]{1,200}$/;

/** The name of a shared object; it becomes a part of a file's name. */
export function checkName(name: string): string {
  if (typeof name !== 'string') throw invalidArgument(TypeError, 'name must be a string', name);
  if (!namePattern.test(name)) {
    throw invalidArgument(RangeError, "name must be 1 to 200 of letters, digits, '.', '_' and '-'", name);
  }
  return name;
}
