// Whole programs: how they find their functions, and how they end.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

import { describe, expect, test } from 'vitest';

import { getAllStartMethods } from '../../lib/process/start-method.js';
import { endBySignal, fixture, isRunning, runProgram, until, waysToEnd } from './program.js';

describe('functions of a main program', () => {
  test('in every form in which a module exports them', async () => {
    const { stdout, stderr, code } = await runProgram('functions.mjs');
    const refused = (name: string, why: string) =>
      expect(stdout).toMatch(new RegExp(`^${name} SerializeError ERR_PROCLOOM_TARGET .*${why}`, 'm'));
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(0, 22)).toEqual([
      'declared 1',
      'later 2',
      'arrow 3',
      'expression 4',
      'listed 5',
      'renamed 6',
      'default 7',
      'default of a file 7',
      'static 8 true',
      'static async 9 true',
      'second 10',
      'imported 11 true',
      'cjs 12',
      'cjs static 13 true',
      'imported 14 true',
      'default of a file 15',
      'imported 16 true',
      'imported 17 true',
      'default of a file 18',
      'inline 19',
      'inline method 20',
      'static 21 true',
    ]);
    refused('notExported', 'functions\\.mjs does not export it\\. A child imports the module .*export the function');
    refused('nested', 'does not export it');
    refused('bound', 'native or bound');
    refused('native', 'native or bound');
    refused('eval', 'which is no module');
    refused('missing file', 'there is no file .*nowhere\\.mjs');
    refused('a method', 'native or bound');
  });

  test('of CommonJS', async () => {
    const { stdout, stderr } = await runProgram('main.cjs');
    expect(stderr).toBe('');
    expect(stdout).toBe('work 1 false\nended 0\n');
  });

  test('subclasses of Process', async () => {
    const { stdout, stderr } = await runProgram('subclasses.mjs');
    expect(stderr).toBe('');
    expect(stdout.split('\n').slice(0, 7)).toEqual([
      '0 {"sum":60,"name":"adder","here":false,"current":true}',
      'before',
      'between',
      'after',
      '0',
      'default class by default',
      '0',
    ]);
    expect(stdout).toMatch(/ERR_PROCLOOM_TARGET sending function Local to a process: .* does not export it/);
  });
});

test('an unguarded main module is told about the guard, and starts no more', async () => {
  const { stdout, stderr } = await runProgram('unguarded.mjs');
  expect(stdout).toBe('exit code 1\n');
  expect(stderr).toContain('is a child that is still importing');
  expect(stderr).toContain('if (isMainProcess())');
  expect(stderr.match(/^Process /gm)).toHaveLength(1);
});

test('a child that prints while its parent is blocked', async () => {
  const { stdout } = await runProgram('print-while-joined.mjs');
  expect(stdout.length).toBe(1000 * 1001 + 'code 0\n'.length);
});

test('objects that wait for nothing keep no process alive, and a daemon does not outlive it', async () => {
  const { stdout, code } = await runProgram('idle.mjs');
  expect([stdout, code]).toEqual(['MainProcess\n', 0]);
});

test('a child waits for the end of its parent', async () => {
  const { stdout } = await runProgram('leave-child-behind.mjs');
  const [pid, state] = stdout.trim().split(' ').map(Number);
  expect(state).toBe(1);
  await until(() => !isRunning(pid!));
});

test('Ctrl-C for the whole group ends all of it, without stack traces', async () => {
  const child = spawn(process.execPath, [fixture('parent.mjs'), 'hang'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const ended = new Promise((resolve) => child.once('exit', (...how) => resolve(how)));
  const stderr = text(child.stderr);
  const pid = await new Promise<number>((resolve) => child.stdout.once('data', (line) => resolve(Number(line))));
  process.kill(-child.pid!, 'SIGINT');
  expect(await ended).toEqual([null, 'SIGINT']);
  await until(() => !isRunning(pid));
  expect(await stderr).toBe('');
});

describe('a parent that ends', () => {
  test.each(getAllStartMethods())('at once: its child (%s) has what it was sent, a daemon is gone', async (method) => {
    const { stdout, stderr, code } = await runProgram('ending-early.mjs', method);
    expect([stdout, stderr, code]).toEqual(['ran with 7 and 5000\n', '', 4]);
  });

  test.each(waysToEnd)('%s waits for its child', async (_name, how, exitcode) => {
    const { stdout, code } = await runProgram('parent.mjs', how);
    expect(code).toBe(exitcode);
    expect(isRunning(Number(stdout))).toBe(false);
  });

  test.each(waysToEnd)('%s terminates its daemon', async (_name, how) => {
    const { stdout } = await runProgram('parent.mjs', how, 'daemon');
    expect(isRunning(Number(stdout))).toBe(false);
  });

  test.each(['SIGKILL', 'SIGTERM'] as const)('by %s takes its daemon with it', async (signal) => {
    expect(await endBySignal(signal, 'parent.mjs', 'hang', 'daemon')).toHaveLength(1);
  });
});
