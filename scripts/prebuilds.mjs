// `npm run prebuilds`: the binary that the published package brings along for this system, made by prebuildify, as
// prebuilds/<platform>-<arch>/procloom[.<libc>].node.
//
// prebuildify moves the result out of build/, and so would take the developer's own build away: it works in a copy.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { nodeDirectory } from '../native/toolchain/headers.mjs';
import { missingForBuild } from '../native/toolchain/requirements.mjs';
import { at } from './setup/places.mjs';
import { SetupError, runTool } from './setup/run-tool.mjs';
import { setUp } from './setup/set-up.mjs';

/** The newest version of each symbol set that the binary needs: the floor of the systems on which it runs. */
function floorOf(file) {
  const listing = spawnSync('objdump', ['-T', file], { encoding: 'utf8' });
  if (listing.status !== 0) return undefined;
  const newest = new Map();
  for (const [, set, version] of listing.stdout.matchAll(/\b(GLIBC|GLIBCXX)_(\d+(?:\.\d+)*)/g)) {
    const before = newest.get(set);
    if (!before || before.localeCompare(version, undefined, { numeric: true }) < 0) newest.set(set, version);
  }
  return [...newest].map(([set, version]) => `${set} ${version}`).join(', ');
}

async function prebuild() {
  await setUp({ only: 'dependencies' });
  const missing = missingForBuild();
  if (missing) throw new SetupError(missing);
  const copy = mkdtempSync(join(tmpdir(), 'procloom-prebuild-'));
  try {
    for (const name of ['package.json', 'binding.gyp', 'native'])
      cpSync(at(name), join(copy, name), { recursive: true });
    symlinkSync(at('node_modules'), join(copy, 'node_modules'), 'junction');
    const nodedir = nodeDirectory();
    // JOBS is node-gyp's: prebuildify has no option for it.
    const env = { JOBS: 'max', ...process.env, ...(nodedir ? { npm_config_nodedir: nodedir } : {}) };
    const tags = process.platform === 'linux' ? ['--tag-libc'] : [];
    const target = `--target=${process.versions.node}`;
    const args = ['--napi', '--strip', '--name', 'procloom', target, ...tags, '--cwd', copy, '--out', at()];
    await runTool(process.execPath, [at('node_modules/prebuildify/bin.js'), ...args], { env });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  const folder = at('prebuilds', `${process.platform}-${process.arch}`);
  const made = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.node')) : [];
  if (made.length === 0) throw new SetupError(`prebuildify reported success, but ${folder} holds no binary.`);
  for (const name of made) {
    const floor = floorOf(join(folder, name));
    console.log(`prebuilds/${process.platform}-${process.arch}/${name}${floor ? ` (needs ${floor})` : ''}`);
  }
}

try {
  await prebuild();
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exitCode = 1;
}
