// What a call throws, or what its promise rejects with, and whether that is what it should be.
import { expect } from 'vitest';

import { INVALID_ARGUMENT } from '../../lib/errors/arguments.js';

export type Failure = Error & { code: string };

/** Fails the test when the call does not fail. */
export async function failureOf(call: () => unknown): Promise<Failure> {
  let result: unknown;
  try {
    result = await call();
  } catch (error) {
    return error as Failure;
  }
  return expect.unreachable(`nothing was thrown: the call gave ${String(result)}`);
}

/** An error of that class and code, whose message is a sentence: what was asked, what forbade it. */
export async function expectFailure(
  call: () => unknown,
  errorClass: abstract new (...args: never[]) => Error,
  code: string,
): Promise<Failure> {
  const failure = await failureOf(call);
  expect(failure).toBeInstanceOf(errorClass);
  expect(failure.code).toBe(code);
  expect(failure.message).toMatch(/^\S.*: .+\.$/s);
  return failure;
}

/** A wrong argument: the message names the rule and ends with what was given. */
export async function expectInvalid(
  call: () => unknown,
  errorClass: typeof TypeError | typeof RangeError,
  rule: RegExp,
): Promise<void> {
  const failure = await failureOf(call);
  expect(failure).toBeInstanceOf(errorClass);
  expect(failure.name).toBe(errorClass.name);
  expect(failure.code).toBe(INVALID_ARGUMENT);
  expect(failure.message).toMatch(rule);
  expect(failure.message).toMatch(/; got .+\.$/s);
}
