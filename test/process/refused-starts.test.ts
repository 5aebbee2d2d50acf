// The system refuses to start a process or a thread: an error that says so, nothing is left, and later it works again.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ProcessError } from '../../lib/errors/errors.js';
import { getContext } from '../../lib/context/context.js';
import { getAllStartMethods } from '../../lib/process/start-method.js';
import { fixture } from './program.js';

interface Told {
  first?: { exitcode: number };
  refused: { name: string; code: string; message: string; exitcode?: number }[];
  before: object;
  after: object;
  again?: { exitcode: number };
  value: number;
}

/** Runs it; `limit` may change what the process is allowed, before it is refused and after that. */
async function refused(command: string[], options: object, limit: (pid: number, on: boolean) => void): Promise<Told> {
  const child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'], ...options });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const next = async () => JSON.parse(String((await lines.next()).value)) as Told;
  const told = await next();
  limit(child.pid!, true);
  child.stdin!.write('go\n');
  Object.assign(told, await next());
  limit(child.pid!, false);
  child.stdin!.end('go\n');
  Object.assign(told, await next());
  expect(await ended).toEqual([0, null]);
  return told;
}

const linux = process.platform === 'linux';
/** Limits of a user's do not hold for root; a user that nobody is. */
const isRoot = process.getuid?.() === 0;
const somebody = { uid: 64_321, gid: 64_321 };
const user = isRoot ? somebody : {};

/** Whether everybody may come to that file. */
function isOpenToAll(file: string): boolean {
  const folder = dirname(file);
  return (statSync(folder).mode & 0o001) !== 0 && (folder === '/' || isOpenToAll(folder));
}

const limitable = linux && (!isRoot || [fixture('refused.mjs'), process.execPath].every(isOpenToAll));

describe.runIf(linux).each(getAllStartMethods())('%s:', (method) => {
  test('no descriptor is left to it', async () => {
    const program = ['sh', '-c', 'ulimit -n 128; exec "$0" "$@"', process.execPath, fixture('refused.mjs')];
    const told = await refused([...program, method, 'descriptors'], {}, () => {});
    expect(told.first).toEqual({ exitcode: 0 });
    for (const attempt of told.refused) {
      expect(attempt).toMatchObject({ name: 'ProcessError', code: 'ERR_PROCLOOM_SPAWN' });
      expect(attempt.message).toMatch(/start of refused: the system refused to start .*too many descriptors/);
    }
    expect(told.after).toEqual(told.before);
    expect(told).toMatchObject({ again: { exitcode: 0 }, value: 2 });
  });

  describe.runIf(limitable)('too many processes:', () => {
    const folder = join(tmpdir(), 'somebody');
    beforeAll(() => {
      mkdirSync(folder, { mode: 0o700 });
      if (!isRoot) return;
      chownSync(folder, somebody.uid, somebody.gid);
      chmodSync(tmpdir(), 0o711);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test('none is started', async () => {
      const env = { ...process.env, PROCLOOM_DIR: folder, TMPDIR: folder };
      // Only who is the same user may do that, or who has more rights than root often has.
      const prlimit = (pid: number, ...args: string[]) =>
        execFileSync('prlimit', [`--pid=${pid}`, ...args], { ...user, encoding: 'utf8' });
      let soft = '';
      const limit = (pid: number, on: boolean) => {
        if (on) soft = prlimit(pid, '--nproc', '--output=SOFT', '--noheadings').trim();
        prlimit(pid, `--nproc=${on ? '1' : soft}:`);
      };
      const told = await refused([process.execPath, fixture('refused.mjs'), method], { env, cwd: '/', ...user }, limit);
      expect(told.first).toEqual({ exitcode: 0 });
      for (const attempt of told.refused) {
        expect(attempt).toMatchObject({ name: 'ProcessError', code: 'ERR_PROCLOOM_SPAWN' });
        expect(attempt.message).toMatch(/start of refused: the system refused to start .*too many \(ulimit -u\)/);
      }
      expect(told.after).toEqual(told.before);
      expect(told).toMatchObject({ again: { exitcode: 0 }, value: 2 });
    });
  });
});

test('what Node refuses at once: variables longer than the system takes', async () => {
  const { Process } = getContext('spawn');
  const child = new Process({ target: 'node:fs#existsSync', args: ['/'], env: { LONG: 'x'.repeat(3_000_000) } });
  expect(() => child.start()).toThrow(ProcessError);
  expect(() => child.start()).toThrow(/refused to start a process \(E2BIG\)\. Its env and execArgv are longer/);
  expect(child.isAlive()).toBe(false);
});
