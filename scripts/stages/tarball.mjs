// The package as users get it: packed, judged by publint, installed without scripts in an empty folder, and used there.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { at, root } from '../setup/places.mjs';
import { beginRun, checkNothingLeft } from './private-directory.mjs';
import { endedWell, ending, runWatched } from './watched.mjs';

const npm = (args, options) =>
  execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options });

/** What must and what must not be in the tarball, and why. */
const expectations = [
  { what: 'the library', pattern: /^dist\/index\.js$/, wanted: true },
  { what: 'its types', pattern: /^dist\/index\.d\.ts$/, wanted: true },
  { what: 'a prebuilt binary', pattern: /^prebuilds\/[^/]+\/procloom(\.\w+)?\.node$/, wanted: true },
  { what: 'the sources that procloom-build compiles', pattern: /^native\/addon\.cc$/, wanted: true },
  { what: 'the way to compile them', pattern: /^native\/toolchain\/procloom\.gypi$/, wanted: true },
  { what: 'procloom-build', pattern: /^dist\/cli\/build\.js$/, wanted: true },
  { what: 'the licence', pattern: /^LICENSE$/, wanted: true },
  { what: 'a binding.gyp (package managers would compile on install)', pattern: /(^|\/)binding\.gyp$/, wanted: false },
  {
    what: 'tests, benches and tools of development',
    pattern: /^(test|bench|scripts|native\/(test|bench))\//,
    wanted: false,
  },
  { what: "a developer's own build", pattern: /^(build|build-[^/]+|node_modules|\.setup)\//, wanted: false },
];

/** Programs of a user, by file name. `import` and `require` must give the same module. */
const uses = {
  'esm.mjs': `import assert from 'node:assert/strict';
import { Lock, Value } from 'procloom';
const lock = new Lock();
assert.equal(lock.acquireSync(), true);
assert.equal(lock.tryAcquire(), false);
lock.release();
const value = new Value('i', 40);
value.add(2);
assert.equal(value.value, 42);
value.close();
lock.close();
`,
  'cjs.cjs': `const assert = require('node:assert/strict');
const { Pipe } = require('procloom');
const [a, b] = Pipe();
a.sendSync({ to: 'the other end' });
assert.deepEqual(b.recvSync(), { to: 'the other end' });
a.close();
b.close();
import('procloom').then((module) => assert.equal(module.Pipe, Pipe));
`,
};

async function use(outcome, begun, what, command, args, cwd) {
  const limitMs = 180_000;
  const result = await runWatched(command, args, { cwd, env: { ...begun.env, PROCLOOM_ADDON: '' }, limitMs });
  if (endedWell(result)) outcome.pass();
  else outcome.fail(`${what} ${ending(result, limitMs)}`);
}

/** One stage. prebuilds/ must have been made. */
export async function tarball(outcome, { compile = true } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'procloom-pack-'));
  const begun = beginRun('tarball');
  try {
    const [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], { cwd: root }));
    const files = packed.files.map(({ path }) => path);
    for (const { what, pattern, wanted } of expectations) {
      const found = files.filter((path) => pattern.test(path));
      if (found.length > 0 === wanted) outcome.pass();
      else
        outcome.fail(
          wanted ? `the tarball lacks ${what}` : `the tarball holds ${what}: ${found.slice(0, 5).join(', ')}`,
        );
    }
    const archive = join(folder, packed.filename);
    await use(
      outcome,
      begun,
      'publint',
      process.execPath,
      [at('node_modules/publint/src/cli.js'), archive, '--strict'],
      root,
    );

    const user = join(folder, 'user');
    mkdirSync(user);
    writeFileSync(join(user, 'package.json'), JSON.stringify({ name: 'user', version: '1.0.0', private: true }));
    npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', archive], { cwd: user });
    for (const [name, text] of Object.entries(uses)) {
      writeFileSync(join(user, name), text);
      await use(outcome, begun, `${name} with the prebuilt binary`, process.execPath, [name], user);
    }
    if (compile) await compiledOnTheSpot(outcome, begun, user);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  checkNothingLeft(begun, outcome);
}

/** Without the prebuilt binary: the error must name the remedy, and the remedy must work. */
async function compiledOnTheSpot(outcome, begun, user) {
  const installed = join(user, 'node_modules/procloom');
  renameSync(join(installed, 'prebuilds'), join(user, 'prebuilds-away'));
  const limitMs = 60_000;
  const env = { ...begun.env, PROCLOOM_ADDON: '' };
  const refused = await runWatched(process.execPath, ['esm.mjs'], { cwd: user, env, limitMs, quiet: true });
  if (refused.code === 1 && refused.output.includes('npx procloom-build')) outcome.pass();
  else
    outcome.fail(
      `without a binary the program should end with the remedy; it ${ending(refused, limitMs)}:\n${refused.output}`,
    );
  await use(outcome, begun, 'npx procloom-build', 'npx', ['--no', 'procloom-build'], user);
  const built = readdirSync(join(installed, 'build/Release'));
  if (built.join() === 'procloom.node') outcome.pass();
  else outcome.fail(`procloom-build left ${built.join(', ')} in build/Release`);
  await use(outcome, begun, 'esm.mjs with the compiled binary', process.execPath, ['esm.mjs'], user);
}
