// The life of a child, however it is started.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ClosedError, ProcessError, StateError } from '../../lib/errors/errors.js';
import { activeChildren, currentProcess, parentProcess } from '../../lib/process/current.js';
import { Process } from '../../lib/process/process.js';
import { getAllStartMethods, setStartMethod } from '../../lib/process/start-method.js';
import { Queue } from '../../lib/queue/queue.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { fixture } from './program.js';

const endings = (name: string) => ({ module: fixture('endings.mjs'), export: name });
const reporting = (name: string) => ({ module: fixture('reporting.mjs'), export: name });
type Told = Record<string, unknown> & { env: Record<string, unknown>; argv: string[] };

async function told(options: ConstructorParameters<typeof Process>[0], name = 'tellSelf'): Promise<Told> {
  using queue = new Queue<Told>();
  const child = new Process({ target: reporting(name), args: [queue], ...options }).start();
  const report = await queue.get();
  expect(await child.join()).toBe(0);
  return report;
}

const killed: [string, unknown[], number][] = [
  ['killSelf', ['SIGKILL'], -9],
  ['killSelf', ['SIGTERM'], -15],
  ['killSelf', ['SIGUSR2'], -12],
  ['killSelf', ['SIGINT'], -2],
];

describe.each(getAllStartMethods())('%s:', (method) => {
  const isProcess = method !== 'thread';
  beforeAll(() => setStartMethod(method, { force: true }));
  afterAll(() => setStartMethod(null, { force: true }));

  describe('before, during and after', () => {
    test('a process that was not started', () => {
      const child = new Process({ target: endings('nothing') });
      expect([child.pid, child.ident, child.exitcode, child.isAlive()]).toEqual([undefined, undefined, null, false]);
      for (const verb of ['terminate', 'kill', 'interrupt', 'joinSync'] as const) {
        expect(() => child[verb]()).toThrow(StateError);
      }
      expect(() => child.sentinel).toThrow(/sentinel of Process-\d+: it was not started\. Call start\(\) first\./);
    });

    test('one that runs, and has run', async () => {
      const child = new Process({ target: endings('waitForEver') });
      expect(child.start()).toBe(child);
      expect(child.pid).toBeGreaterThan(0);
      expect(child.ident).toBeGreaterThan(0);
      expect(child.ident === child.pid).toBe(isProcess);
      expect(child.isAlive()).toBe(true);
      expect(child.exitcode).toBe(null);
      expect(activeChildren()).toContain(child);
      expect(await child.join({ timeout: 20 })).toBe(null);
      expect(await child.join({ timeout: 0 })).toBe(null);
      expect(child.joinSync({ timeout: 20 })).toBe(null);
      expect(() => child.close()).toThrow(/still running\. join\(\) it first/);
      child.terminate();
      expect(await child.join()).toBe(-15);
      await child.sentinel;
      expect(child.isAlive()).toBe(false);
      expect(child.exitcode).toBe(-15);
      expect(activeChildren()).not.toContain(child);
      child.terminate();
      child.kill();
      expect(await child.join()).toBe(-15);
      expect(child.joinSync()).toBe(-15);
    });

    test('it starts once', async () => {
      const child = new Process({ target: endings('nothing') }).start();
      expect(() => child.start()).toThrow(StateError);
      await child.join();
      expect(() => child.start()).toThrow(/can be started only once\. Make a new Process/);
    });

    test('after close() only its name, daemon and authkey are there', async () => {
      const child = new Process({ target: endings('nothing'), name: 'closed one' }).start();
      await child.join();
      child.close();
      child.close();
      expect([child.name, child.daemon, child.authkey.length]).toEqual(['closed one', false, 32]);
      expect(() => child.pid).toThrow(ClosedError);
      expect(() => child.exitcode).toThrow(ClosedError);
      expect(() => child.start()).toThrow(ClosedError);
      expect(() => child.isAlive()).toThrow(ClosedError);
      await expect(child.join()).rejects.toThrow(ClosedError);
    });

    test('await using waits and closes', async () => {
      let seen: Process;
      {
        await using child = new Process({ target: endings('endLater'), args: [50] }).start();
        seen = child;
      }
      expect(() => seen.isAlive()).toThrow(ClosedError);
    });

    test('without a target nothing happens, and that well', async () => {
      expect(await new Process().start().join()).toBe(0);
    });

    test('run() called here runs here', async () => {
      const child = new Process({ target: (a: number, b: number) => a + b, args: [1, 2] });
      expect(child.run()).toBe(3);
      expect(await new Process({ target: endings('nothing') }).run()).toBe(undefined);
    });
  });

  describe('exit codes', () => {
    test.each<[string, unknown[], number]>([
      ['nothing', [], 0],
      ['exitWith', [3], 3],
      ['exitWith', [256 + 44], 44],
      ['exitWith', [0], 0],
      ['exitCodeOf', [5], 5],
      ...(isProcess ? killed : []),
      ['endSelf', ['terminate'], -15],
      ['endSelf', ['kill'], -9],
    ])('%s(%j) ends with %3$i', async (name, args, code) => {
      const child = new Process({ target: endings(name), args }).start();
      expect(await child.join()).toBe(code);
      const same = new Process({ target: endings(name), args }).start();
      expect(same.joinSync()).toBe(code);
      expect(same.exitcode).toBe(code);
    });

    test.each(['fail', 'failLater', 'failInTimer'])('%s: 1, and the stack under its name', async (name) => {
      const child = new Process({ target: endings(name), args: ['broken'], name: 'worker', stdio: 'pipe' }).start();
      const [code, stderr] = await Promise.all([child.join(), read(child.stderr!)]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^Process worker:\n/);
      expect(stderr).toMatch(/RangeError: broken\n\s+at .*endings\.mjs/);
    });

    test('who handles its errors says what it wants', async () => {
      const child = new Process({ target: endings('failHandled'), stdio: 'pipe' }).start();
      const [code, stdout, stderr] = await Promise.all([child.join(), read(child.stdout!), read(child.stderr!)]);
      expect([code, stdout, stderr]).toEqual([3, 'handled mine\n', '']);
    });

    test('a module that does not load', async () => {
      const child = new Process({
        target: { module: fixture('import-fails.mjs'), export: 'work' },
        stdio: 'pipe',
      }).start();
      const [code, stderr] = await Promise.all([child.join(), read(child.stderr!)]);
      expect(code).toBe(1);
      expect(stderr).toContain('TypeError: this module does not load');
    });

    test('an export that is not there: which are', async () => {
      const child = new Process({ target: endings('nothin'), stdio: 'pipe' }).start();
      const [code, stderr] = await Promise.all([child.join(), read(child.stderr!)]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/endings\.mjs#nothin: the module has no such export\. It exports: .*nothing/);
    });
  });

  describe('signals', () => {
    test.runIf(isProcess)('terminate() can be caught, kill() cannot', async () => {
      using ready = new Value('i', 0);
      for (const [verb, code] of [
        ['terminate', 9],
        ['kill', -9],
      ] as const) {
        ready.value = 0;
        const child = new Process({ target: endings('catchTerm'), args: [ready] }).start();
        while (ready.value === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        child[verb]();
        expect(await child.join()).toBe(code);
      }
    });

    test.each([
      ['interrupt', -2],
      ['terminate', -15],
      ['kill', -9],
    ] as const)('a child that spins is joined after %s()', async (verb, code) => {
      using spins = new Value('i', 0);
      const child = new Process({ target: endings('spinForEver'), args: [spins] }).start();
      while (spins.value === 0) expect(child.joinSync({ timeout: 5 })).toBe(null);
      expect(await child.join({ timeout: 5 })).toBe(null);
      child[verb]();
      expect(child.joinSync()).toBe(code);
    });
  });

  describe('waiting', () => {
    test('an aborted join rejects with the reason', async () => {
      const child = new Process({ target: endings('waitForEver') }).start();
      const controller = new AbortController();
      const joined = child.join({ signal: controller.signal });
      controller.abort(new Error('enough'));
      await expect(joined).rejects.toThrow('enough');
      await expect(child.join({ signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
      child.kill();
      expect(await child.join()).toBe(-9);
    });

    test('wrong options', async () => {
      const child = new Process();
      await expect(child.join({ timeout: NaN })).rejects.toThrow(RangeError);
      expect(() => child.joinSync({ timeout: 'x' as never })).toThrow(TypeError);
    });

    test('many joins at once, of children that end together', async () => {
      const children = Array.from({ length: 8 }, () => new Process({ target: endings('nothing') }).start());
      const codes = await Promise.all(children.flatMap((child) => [child.join(), child.join()]));
      expect(codes).toEqual(Array.from({ length: 16 }, () => 0));
      expect(children.map((child) => child.joinSync())).toEqual(Array.from({ length: 8 }, () => 0));
    });

    test('50 processes at once', async () => {
      using total = new Value('i', 0);
      const children = Array.from({ length: 50 }, () =>
        new Process({ target: reporting('add'), args: [total, 10] }).start(),
      );
      expect(await Promise.all(children.map((child) => child.join()))).toEqual(Array.from({ length: 50 }, () => 0));
      expect(total.value).toBe(500);
      expect(activeChildren()).toEqual([]);
    });
  });

  describe('who it is', () => {
    let self: Told;
    beforeAll(async () => {
      const cwd = isProcess ? '/' : process.cwd();
      self = await told({ name: 'teller', env: { ...process.env, A: 'x' }, cwd, execArgv: ['--no-warnings'] });
    });

    test('the child knows itself and its parent', () => {
      expect(self).toMatchObject({
      name: 'teller', daemon: false, pid: true, alive: true, exitcode: null, parent: true,
      parentName: 'MainProcess', main: false, children: 0,
    }); // prettier-ignore
    });

    test('its environment, flags and folder are those it was given; the job is no part of them', () => {
      expect(self.env).toEqual({ A: 'x', PATH: true, job: undefined });
      expect(self).toMatchObject({ cwd: isProcess ? '/' : process.cwd(), execArgv: ['--no-warnings'] });
    });

    test('its arguments look like its parent’s', () => {
      expect(self.argv.slice(1)).toEqual(process.argv.slice(1));
    });

    test('the key is inherited, or given', async () => {
      expect(self['authkey']).toBe(currentProcess().authkey.toString('hex'));
      expect(currentProcess().authkey.length).toBe(32);
      using queue = new Queue<Told>();
      const child = new Process({ target: reporting('tellSelf'), args: [queue] });
      child.authkey = Buffer.from('secret');
      await child.start().join();
      expect((await queue.get())['authkey']).toBe(Buffer.from('secret').toString('hex'));
    });

    test('names count up in each process; numbers are taken by new, not by start', async () => {
      const [a, b] = [new Process(), new Process()];
      const number = Number(a.name.split('-')[1]);
      expect(a.name).toBe(`Process-${number}`);
      expect(b.name).toBe(`Process-${number + 1}`);
      class Special extends Process {}
      expect(new Special().name).toBe(`Special-${number + 2}`);
      const grandchild = await told({}, 'tellGrandchild');
      expect(grandchild).toMatchObject({ name: `Process-${number + 3}:1`, parentName: `Process-${number + 3}` });
    });

    test('a name is any text, and can be changed', () => {
      const child = new Process({ name: 'ü ×' });
      child.name = 'other';
      expect(child.name).toBe('other');
      expect(() => (child.name = 5 as never)).toThrow(TypeError);
    });

    test('the main process', () => {
      const main = currentProcess();
      expect(currentProcess()).toBe(main);
      expect(main).toBeInstanceOf(Process);
      expect([main.name, main.pid, main.exitcode, main.isAlive()]).toEqual(['MainProcess', process.pid, null, true]);
      expect(parentProcess()).toBe(null);
      expect(() => main.start()).toThrow(StateError);
      expect(() => main.joinSync()).toThrow(/cannot do that with itself/);
      main.close();
      expect(main.isAlive()).toBe(true);
    });
  });

  describe('daemons', () => {
    test('may have no children, and are told so', async () => {
      const refusal = await told({ daemon: true }, 'startChild');
      expect(refusal['code']).toBe('ERR_PROCLOOM_DAEMON_CHILDREN');
      expect(refusal['message']).toContain('daemonic processes are not allowed to have children');
    });

    test('the child knows that it is one; it is set before start() only', async () => {
      expect((await told({ daemon: true }))['daemon']).toBe(true);
      const child = new Process();
      child.daemon = true;
      expect(child.daemon).toBe(true);
      child.start();
      expect(() => (child.daemon = false)).toThrow(StateError);
      expect(await child.join()).toBe(0);
    });
  });

  describe('failing to start leaves nothing', () => {
    test.each<[string, ConstructorParameters<typeof Process>[0], RegExp]>(
      isProcess
        ? [
            ['no such folder', { cwd: '/no/such/folder' }, /its cwd '\/no\/such\/folder' is no directory/],
            [
              'limits of a thread',
              { resourceLimits: { stackSizeMb: 1 } },
              /are limits of a thread.*max-old-space-size/,
            ],
          ]
        : [
            ['another folder', { cwd: '/' }, /a thread shares the working directory of its process/],
            ['flags of a process', { execArgv: ['--expose-gc'] }, /Node does not start such a thread: .*--expose-gc/],
          ],
    )('%s', (_name, options, text) => {
      using value = new Value('i', 0);
      const child = new Process({ target: endings('nothing'), args: [value], ...options });
      expect(() => child.start()).toThrow(ProcessError);
      expect(() => new Process({ target: endings('nothing'), ...options }).start()).toThrow(text);
      expect(child.isAlive()).toBe(false);
      expect(child.pid).toBe(undefined);
    });

    test('an argument that cannot travel, with its place', () => {
      const child = new Process({ target: endings('nothing'), args: [1, { list: [() => 1] }] });
      expect(() => child.start()).toThrow(/sending args\[1\]\.list\[0\]: a function cannot travel/);
      expect(child.isAlive()).toBe(false);
    });
  });
});

test.each<[string, object, RegExp]>(
  [
    ['args', { args: 'x' }, /args must be an array/],
    ['kwargs', { kwargs: 5 }, /kwargs must be an object/],
    ['name', { name: 5 }, /name must be a string/],
    ['daemon', { daemon: 'yes' }, /daemon must be true or false/],
    ['env', { env: 5 }, /env must be an object/],
    ['execArgv', { execArgv: [5] }, /execArgv must be an array of strings/],
    ['cwd', { cwd: 5 }, /cwd must be a string/],
    ['stdio', { stdio: 'file' }, /stdio must be one of 'inherit', 'pipe', 'ignore'/],
    ['target', { target: 5 }, /target must be a function/],
    ['target without module', { target: { export: 'x' } }, /target must be a function/],
    ['target without export', { target: './x.mjs#' }, /like 'file\.js#export'/],
  ].slice(1) as [string, object, RegExp][],
)('wrong %s', (_name, options, text) => {
  expect(() => new Process(options)).toThrow(text);
  expect(() => new Process(options)).toThrow(
    expect.objectContaining({ code: 'ERR_PROCLOOM_INVALID_ARGUMENT' }) as Error,
  );
});

async function read(stream: NodeJS.ReadableStream): Promise<string> {
  let all = '';
  for await (const chunk of stream) all += String(chunk);
  return all;
}
