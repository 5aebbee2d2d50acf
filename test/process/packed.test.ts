// Programs that are packed into one executable: one is built here, by Node's own steps, and run.
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { addonFile } from '../../lib/addon/loader.js';
import { freezeSupport } from '../../lib/process/freeze-support.js';
import { JOB_VARIABLE } from '../../lib/process/job.js';
import { isMainProcess } from '../../lib/process/main-process.js';
import { type Ended, fixture, runExecutable, runNode } from './program.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** The executable, 'beside' it files of its own, and the package as installed there. */
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'procloom-packed-'));
  const source = join(folder, 'source');
  cpSync(fixture('packed'), source, { recursive: true });
  for (const name of ['beside.mjs', 'beside.cjs']) copyFileSync(join(source, name), join(folder, name));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'procloom'));
  const bundling = ['--bundle', '--platform=node', '--format=cjs', '--log-level=error', '--outfile=source/bundle.cjs'];
  await run(join(root, 'node_modules/.bin/esbuild'), ['source/main.mjs', ...bundling], { cwd: folder });
  const config = {
    main: 'source/bundle.cjs',
    output: 'source/blob',
    disableExperimentalSEAWarning: true,
    assets: { 'procloom.node': addonFile },
  };
  writeFileSync(join(source, 'sea.json'), JSON.stringify(config));
  await run(process.execPath, ['--experimental-sea-config', 'source/sea.json'], { cwd: folder });
  copyFileSync(process.execPath, join(folder, 'program'));
  chmodSync(join(folder, 'program'), 0o755);
  const fuse = ['--sentinel-fuse', 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'];
  const postject = join(root, 'node_modules/.bin/postject');
  await run(postject, ['program', 'NODE_SEA_BLOB', 'source/blob', ...fuse], { cwd: folder });
  copyFileSync(join(source, 'bundle.cjs'), join(folder, 'bundle.cjs'));
  rmSync(source, { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Not the addon of the parent's choice: the program is to find its own. */
function runPacked(settings: NodeJS.ProcessEnv, ...args: string[]): Promise<Ended> {
  const { PROCLOOM_ADDON: _, ...env } = process.env;
  return runExecutable(join(folder, 'program'), args, { cwd: tmpdir(), env: { ...env, ...settings } });
}

const bundled = { PROCLOOM_ADDON: addonFile };
const beside = { TEST_PACKAGE: 'beside' };

test('run by node it does nothing, whatever the environment says', () => {
  process.env[JOB_VARIABLE] = '{}';
  freezeSupport();
  expect(process.env[JOB_VARIABLE]).toBe('{}');
  delete process.env[JOB_VARIABLE];
  expect(isMainProcess()).toBe(true);
});

test('what is no module is refused', () => {
  expect(() => freezeSupport(null as never)).toThrow(TypeError);
  expect(() => freezeSupport({ run() {} } as never)).toThrow('main must be');
});

test('a bundle that node runs is told to leave the package out', async () => {
  const env = { ...process.env, PROCLOOM_ADDON: addonFile, TEST_MODE: 'forgotten' };
  const { stdout } = await runNode([join(folder, 'bundle.cjs')], { env });
  expect(stdout).toMatch(/^ProcessError ERR_PROCLOOM_SPAWN .* Leave procloom out of the bundle/);
});

test.each([
  ['in the bundle', bundled],
  ['beside the executable', beside],
])('with the package %s an unguarded main module starts one child, which is told about the guard', async (_, place) => {
  const { stdout, stderr } = await runPacked({ ...place, TEST_MODE: 'unguarded' });
  expect(stdout).toBe('');
  expect(stderr.match(/^Process /gm)).toHaveLength(1);
  expect(stderr).toContain('ERR_PROCLOOM_UNGUARDED_MAIN');
});

describe('with the package in the bundle', () => {
  test('children run what the main module exports, files beside it, and source text', async () => {
    const { stdout, stderr, code } = await runPacked({ ...bundled, TEST_MODE: 'main' }, 'argument');
    expect(stderr.match(/^Process .*/gm)).toEqual(['Process Process-3:']);
    expect(stderr).toContain('TypeError: as it should');
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines.slice(0, 18)).toEqual([
      'ended 7',
      '{"amount":5,"name":"Process-1","main":false}',
      'hello world! 3 8',
      'ended 0',
      'ended 1',
      'hello world! 3 8',
      'inner 0',
      'ended 0',
      'from source',
      'ended 0',
      'on disk 1',
      'ended 0',
      'CommonJS on disk 2',
      'ended 0',
      'hello world! 3 8',
      'ended 0',
      'Hi, Greeter-9 MainProcess',
      'ended 0',
    ]);
    expect(lines[18]).toMatch(/^SerializeError ERR_PROCLOOM_TARGET sending function hidden .* does not export it\./);
    expect(lines[19]).toMatch(
      /^ProcessError ERR_PROCLOOM_START_METHOD .*execArgv is \[--expose-gc\].* env\.NODE_OPTIONS\.$/,
    );
    expect(lines.slice(20)).toEqual(['']);
  });

  test('a main module without freezeSupport() starts none', async () => {
    const { stdout, stderr, code } = await runPacked({ ...bundled, TEST_MODE: 'forgotten' });
    expect(stdout).toMatch(
      /^ProcessError ERR_PROCLOOM_FREEZE_SUPPORT start of Process-1: .*did not call freezeSupport/,
    );
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  });

  test("children of 'forkserver' are fresh ones", async () => {
    const { stdout, stderr } = await runPacked({ ...bundled, TEST_MODE: 'forkserver' });
    expect(stderr).toBe('');
    expect(stdout).toBe('hello world! 2 undefined\nended 0\nhello world! 2 undefined\nended 0\n');
  });

  test('there are no threads, which begin with a file', async () => {
    const { stdout, stderr } = await runPacked({ ...bundled, TEST_MODE: 'threads' });
    expect(stdout).toMatch(/^ProcessError ERR_PROCLOOM_START_METHOD start of ThreadProcess-1: .*was bundled into.*\n$/);
    expect(stderr).toBe('');
  });

  test('a job is run that no environment variable can hold', async () => {
    const { stdout, stderr } = await runPacked({ ...bundled, TEST_MODE: 'hello' }, 'x'.repeat(100_000));
    expect({ stdout, stderr }).toEqual({ stdout: 'hello world! 3 100000\nended 0\n', stderr: '' });
  });
});

describe('with the package beside the executable', () => {
  test('children run what the main module exports', async () => {
    const { stdout, stderr } = await runPacked({ ...beside, TEST_MODE: 'shares' });
    expect(stderr).toBe('');
    expect(stdout).toBe('ended 7\n{"amount":5,"name":"Process-1","main":false}\n');
  });

  test('threads run what is in files, and only that', async () => {
    const { stdout, stderr } = await runPacked({ ...beside, TEST_MODE: 'threads' });
    expect(stderr).toBe('');
    const [refused, ...rest] = stdout.split('\n');
    expect(refused).toMatch(/^ProcessError ERR_PROCLOOM_START_METHOD .*its target is in the main module/);
    expect(rest).toEqual(['on disk 1', 'ended 0', '']);
  });
});

describe('a bundled package finds its addon', () => {
  const hello = { stdout: 'hello world! 2 undefined\nended 0\n', stderr: '', code: 0, signal: null };

  test('beside the executable', async () => {
    const place = join(folder, 'procloom.node');
    copyFileSync(addonFile, place);
    expect(await runPacked({ TEST_MODE: 'hello' })).toEqual(hello);
    rmSync(place);
  });

  test('in an asset that the program has laid out', async () => {
    expect(await runPacked({ TEST_MODE: 'hello', TEST_ASSET_FOLDER: join(folder, 'laid-out') })).toEqual(hello);
  });

  test('nowhere: it is told where it may be', async () => {
    const { stderr, code } = await runPacked({ TEST_MODE: 'hello' });
    expect(code).toBe(1);
    expect(stderr).toContain('ERR_PROCLOOM_ADDON_MISSING');
    expect(stderr).toContain(`${join(folder, 'procloom.node')}, could not be loaded`);
    expect(stderr).toContain('Lay it beside the executable');
  });
});
