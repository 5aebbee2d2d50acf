// The classes, the table of codes, the public contract and the addon's statuses tell the same story.
import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { codes, createError, type ErrorCode } from '../../lib/errors/codes.js';
import * as classes from '../../lib/errors/errors.js';
import { codeOfStatus, errorFromStatus } from '../../lib/errors/from-status.js';

const source = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The error classes with their parents, in the order and with the parents that users may rely on. */
const contract: Record<string, string> = {
  ProcloomError: 'Error',
  ProcessError: 'ProcloomError',
  BufferTooShort: 'ProcessError',
  AuthenticationError: 'ProcessError',
  TimeoutError: 'ProcessError',
  Empty: 'ProcloomError',
  Full: 'ProcloomError',
  ShutDown: 'ProcloomError',
  EOFError: 'ProcloomError',
  BrokenPipeError: 'ProcloomError',
  ClosedError: 'ProcloomError',
  StateError: 'ProcloomError',
  NotOwnerError: 'StateError',
  OwnerDiedError: 'ProcloomError',
  BrokenBarrierError: 'ProcloomError',
  SegmentError: 'ProcloomError',
  SerializeError: 'ProcloomError',
  RemoteError: 'ProcloomError',
  WorkerLostError: 'ProcloomError',
};

type ErrorClass = new (message: string, options: object) => classes.ProcloomError;
const exported = Object.entries(classes).filter((entry) => typeof entry[1] === 'function') as [string, ErrorClass][];

test('the classes are those of the contract, each under its parent', () => {
  const found = Object.fromEntries(exported.map(([name, c]) => [name, (Object.getPrototypeOf(c) as ErrorClass).name]));
  expect(found).toEqual(contract);
});

test('every class has a default code, which the table gives to that same class', () => {
  expect(classes.defaultCodes.map(([c]) => c.name)).toEqual(Object.keys(contract));
  for (const [errorClass, code] of classes.defaultCodes) expect(codes[code].class).toBe(errorClass);
});

test.each(exported)('%s knows its name, code, cause and stack', (name, errorClass) => {
  const cause = new Error('deep');
  const error = new errorClass('what happened', { cause, bytes: Buffer.from('x'), pid: 7, exitcode: -9 });
  expect(error).toBeInstanceOf(classes.ProcloomError);
  expect(error.name).toBe(name);
  expect(Object.keys(error)).not.toContain('name');
  expect(error.code).toMatch(/^ERR_PROCLOOM/);
  expect(error.cause).toBe(cause);
  expect(error.stack).toContain(`${name}: what happened`);
});

test('a user class of error inherits the code of its parent', () => {
  class QueueWasBusy extends classes.Full {}
  expect(new QueueWasBusy('busy').code).toBe('ERR_PROCLOOM_FULL');
});

describe('createError', () => {
  test.each(Object.keys(codes) as ErrorCode[])('%s makes a whole sentence', (code) => {
    const error = createError(code as 'ERR_PROCLOOM', 'queue.get()', { pid: 1, exitcode: 1 } as object);
    expect(error).toBeInstanceOf(codes[code].class);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^queue\.get\(\): [^A-Z].*[.]$/);
    expect(error.message).not.toContain('..');
    expect(error.stack).not.toContain('createError');
  });

  test('takes what its caller knows better', () => {
    const error = createError('ERR_PROCLOOM_FULL', 'put(1)', { why: 'it holds 3 of 3', remedy: 'Wait.', count: 2 });
    expect(error.message).toBe('put(1): it holds 3 of 3. Wait.');
    expect(error.count).toBe(2);
  });
});

describe('statuses of the addon', () => {
  const listed = [...source('native/layout/status.h').matchAll(/^ {2}X\((\w+), -\d+,/gm)].map((match) => match[1]!);

  test('each has a row, and no row is left over', () => {
    expect(listed.length).toBeGreaterThan(15);
    expect(Object.keys(codeOfStatus).sort()).toEqual([...listed].sort());
  });

  test('no space: asked and free are in the sentence', () => {
    const facts = { errno: 28, path: '/dev/shm/procloom-0/x', asked: 4096, free: 512, detail: '' };
    const error = errorFromStatus('NO_SPACE', "SharedArray('d', 512)", facts);
    expect(error).toBeInstanceOf(classes.SegmentError);
    expect(error.code).toBe('ERR_PROCLOOM_SEGMENT_NO_SPACE');
    expect(error.message).toContain(
      "SharedArray('d', 512): 4096 bytes of shared memory were asked for and 512 are free",
    );
  });

  test('the system refused: by the name of the error', () => {
    const facts = { errno: 24, path: '', asked: 0, free: 0, detail: '' };
    expect(errorFromStatus('SYSTEM', 'Lock()', facts).message).toBe('Lock(): the system refused with EMFILE.');
  });

  test('an unknown status is our own fault, and says so', () => {
    const facts = { errno: 0, path: '', asked: 0, free: 0, detail: '' };
    const error = errorFromStatus('-99', 'Lock()', facts);
    expect(error.code).toBe('ERR_PROCLOOM_INTERNAL');
    expect(error.message).toContain('the addon answered -99');
  });
});
