// Makes sure of a system package that development needs (make, python3, cmake, doctest, clang, …): installs it with apt-get
// where that works without a question, and says what to do where it does not.
//
//   node scripts/ensure-system-package.mjs cmake doctest-dev
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import { hasMake, hasPython } from '../native/toolchain/requirements.mjs';

const onPath = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
const doctestHeaders = ['/usr/include', '/usr/local/include', '/opt/homebrew/include'];

/** libFuzzer and the sanitizers of clang, which some packages of clang leave out. */
function hasClangRuntime() {
  const program = 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }';
  const args = ['-fsanitize=fuzzer,address', '-x', 'c++', '-', '-o', '/dev/null'];
  return spawnSync('clang++', args, { input: program, stdio: ['pipe', 'ignore', 'ignore'] }).status === 0;
}

/** Debian's name of a package → how to see that it is there, however it came. */
const packages = {
  cmake: { what: 'CMake', isThere: () => onPath('cmake') },
  'doctest-dev': {
    what: 'the test framework doctest',
    isThere: () => doctestHeaders.some((folder) => existsSync(`${folder}/doctest/doctest.h`)),
  },
  clang: { what: 'the compiler clang', isThere: () => onPath('clang++') },
  'libclang-rt-dev': { what: "clang's libFuzzer", isThere: hasClangRuntime },
  make: { what: 'make', isThere: hasMake },
  python3: { what: 'Python 3, in which node-gyp is written,', isThere: hasPython },
  'clang-format': { what: 'clang-format', isThere: () => onPath('clang-format') },
  spin: { what: 'the model checker Spin', isThere: () => spawnSync('spin', ['-V'], { stdio: 'ignore' }).status === 0 },
};

/** How to run apt-get here without being asked for a password, or undefined. */
function aptGet() {
  if (process.platform !== 'linux' || !onPath('apt-get')) return undefined;
  if (process.getuid() === 0) return ['apt-get'];
  const passwordless = spawnSync('sudo', ['--non-interactive', 'true'], { stdio: 'ignore' }).status === 0;
  return passwordless ? ['sudo', '--non-interactive', 'apt-get'] : undefined;
}

function run([command, ...prefix], args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, [...prefix, ...args], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Throws with a sentence when one of the packages is missing and cannot be had. */
export function ensureSystemPackages(names) {
  const unknown = names.filter((name) => !(name in packages));
  if (unknown.length > 0)
    throw new Error(`No such package in the list: ${unknown.join(', ')}. Known: ${Object.keys(packages).join(', ')}.`);
  const missing = names.filter((name) => !packages[name].isThere());
  if (missing.length === 0) return;
  const what = missing.map((name) => packages[name].what).join(' and ');
  const byHand = `Install it by hand (on Debian and Ubuntu: apt-get install ${missing.join(' ')}) and try again.`;
  const apt = aptGet();
  if (!apt) throw new Error(`${what} is missing, and cannot be installed from here without a password. ${byHand}`);
  console.error(`installing ${missing.join(', ')} …`);
  const install = ['install', '--yes', '--no-install-recommends', ...missing];
  let done = run(apt, install);
  if (done.status !== 0) {
    // The package lists may be missing or old, as in a fresh container.
    run(apt, ['update']);
    done = run(apt, install);
  }
  const still = missing.filter((name) => !packages[name].isThere());
  if (still.length > 0) {
    const last = (done.stderr || done.stdout).trim().split('\n').slice(-5).join('\n');
    throw new Error(`${what} is missing, and apt-get could not install it:\n${last}\n${byHand}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    ensureSystemPackages(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
