/** The loader, in copies of the package that have the addon here, there or nowhere. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { libc } from '../../lib/addon/candidates.js';
import { addonFile, native } from '../../lib/addon/loader.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const platform = `${process.platform}-${process.arch}`;
const prebuiltFile = process.platform === 'linux' ? `procloom.${libc()}.node` : 'procloom.node';

/** The package as it is installed, without any binary. */
let installed: string;

beforeEach(() => {
  installed = realpathSync(mkdtempSync(join(tmpdir(), 'procloom-loader-')));
  cpSync(join(root, 'dist'), join(installed, 'dist'), { recursive: true });
  copyFileSync(join(root, 'package.json'), join(installed, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(installed, 'node_modules'));
});

afterEach(() => {
  rmSync(installed, { recursive: true, force: true });
});

function place(...parts: string[]): string {
  const file = join(installed, ...parts);
  mkdirSync(dirname(file), { recursive: true });
  return file;
}

/** Loads the addon in a process of its own; what it prints is the file that was loaded, or the error. */
function load(environment: Record<string, string> = {}): { file?: string; code?: string; message?: string } {
  const program = `import('./dist/addon/loader.js').then(
    ({ addonFile, native }) => console.log(JSON.stringify({ file: addonFile, fingerprint: native.fingerprint })),
    ({ code, message }) => console.log(JSON.stringify({ code, message })),
  )`;
  const env: NodeJS.ProcessEnv = { ...process.env, PROCLOOM_ADDON: '', ...environment };
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], { cwd: installed, env, encoding: 'utf8' });
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout) as ReturnType<typeof load>;
}

test('the addon that is loaded here knows its body and its layouts', () => {
  expect(native.body).toBe(process.env['PROCLOOM_BODY'] ?? (process.platform === 'linux' ? 'linux' : 'posix'));
  expect(native.fingerprint).toMatch(/^[0-9a-f]{8,}$/);
});

describe('finds it', () => {
  test('as the own build', () => {
    const file = place('build', 'Release', 'procloom.node');
    copyFileSync(addonFile, file);
    expect(load()).toMatchObject({ file });
  });

  test('among the prebuilt ones', () => {
    const file = place('prebuilds', platform, prebuiltFile);
    copyFileSync(addonFile, file);
    expect(load()).toMatchObject({ file });
  });

  test('among the prebuilt ones when the own build does not load', () => {
    writeFileSync(place('build', 'Release', 'procloom.node'), 'no binary');
    const file = place('prebuilds', platform, prebuiltFile);
    copyFileSync(addonFile, file);
    expect(load()).toMatchObject({ file });
  });

  test('where PROCLOOM_ADDON says, before all others', () => {
    copyFileSync(addonFile, place('build', 'Release', 'procloom.node'));
    const file = place('elsewhere', 'procloom.node');
    copyFileSync(addonFile, file);
    expect(load({ PROCLOOM_ADDON: file })).toMatchObject({ file });
  });
});

describe('says', () => {
  test('every path that it tried, why, and the remedy', () => {
    const own = place('build', 'Release', 'procloom.node');
    writeFileSync(own, 'no binary');
    const { code, message } = load();
    expect(code).toBe('ERR_PROCLOOM_ADDON_MISSING');
    expect(message).toContain(`${own}: `);
    expect(message).toMatch(/procloom\.node: .*(invalid ELF header|file too short|not a mach-o)/i);
    expect(message).toContain(`${join(installed, 'prebuilds', platform, prebuiltFile)}: there is no such file`);
    expect(message).toContain('npx procloom-build');
    expect(message).toContain(platform);
  });

  test('that PROCLOOM_ADDON is wrong, even if another place has it', () => {
    copyFileSync(addonFile, place('build', 'Release', 'procloom.node'));
    const { code, message } = load({ PROCLOOM_ADDON: '/no/such/file.node' });
    expect(code).toBe('ERR_PROCLOOM_ADDON_MISSING');
    expect(message).toContain('/no/such/file.node');
    expect(message).toContain('PROCLOOM_ADDON');
  });
});
