// Fuzzing, by libFuzzer: damaged images of rings and segments (native/fuzz/), and bytes read as messages (test/fuzz/).
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { ensureSystemPackages } from '../ensure-system-package.mjs';
import { at, root } from '../setup/places.mjs';
import { runTool } from '../setup/run-tool.mjs';
import { beginRun, checkNothingLeft } from './private-directory.mjs';
import { endedWell, ending, runWatched } from './watched.mjs';

/** What each program may take beyond its time: a hang ends itself well before. */
const beyondMs = 120_000;
const secondsAnInput = 20;

const builtIn = 'build-native/fuzz';
const native = (target) => ({
  program: `${builtIn}/procloom-fuzz-${target}`,
  needs: `procloom-fuzz-${target}`,
  seeds: `native/fuzz/corpus/${target}`,
  longestInput: 400,
});
/** Each is a program with libFuzzer's options, and what CMake is to build for it. */
const targets = {
  rings: native('rings'),
  segments: native('segments'),
  codec: {
    program: 'test/fuzz/codec.mjs',
    needs: 'procloom-fuzz-javascript',
    seeds: 'test/fuzz/corpus/codec',
    longestInput: 4096,
  },
};
/** What can be fuzzed here: all of it where the compiler brings libFuzzer. */
export const fuzzTargets = process.platform === 'linux' ? Object.keys(targets) : [];

/** Where a target keeps what it finds: inputs worth beginning with the next time, and findings. */
const places = (target) => {
  const folders = { corpus: at('build-fuzz', target, 'corpus'), findings: at('build-fuzz', target, 'findings') };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  return folders;
};

async function build(chosen) {
  ensureSystemPackages(['cmake', 'clang', 'libclang-rt-dev']);
  const folder = at(builtIn);
  mkdirSync(folder, { recursive: true });
  await runTool('cmake', ['-S', root, '-B', folder, '-DCMAKE_CXX_COMPILER=clang++', '-DPROCLOOM_FUZZ=ON']);
  const jobs = String(availableParallelism());
  const needed = chosen.map((target) => targets[target].needs);
  await runTool('cmake', ['--build', folder, '--parallel', jobs, '--target', ...needed]);
  for (const target of chosen) {
    const program = at(targets[target].program);
    if (!existsSync(program)) throw new Error(`CMake reported success, but ${program} is not there.`);
  }
}

function argumentsOf(target, { corpus, findings }, { minutes, seed }) {
  const options = {
    max_total_time: Math.max(1, Math.round(minutes * 60)),
    max_len: targets[target].longestInput,
    timeout: secondsAnInput,
    rss_limit_mb: 2048,
    print_final_stats: 1,
    artifact_prefix: `${findings}/`,
    ...(seed === undefined ? {} : { seed }),
  };
  const switches = Object.entries(options).map(([name, value]) => `-${name}=${value}`);
  return [...switches, corpus, at(targets[target].seeds)];
}

/** What libFuzzer tells of its run. */
function told(output) {
  const last = (pattern) => [...output.matchAll(pattern)].at(-1)?.[1];
  return {
    inputs: Number(last(/number_of_executed_units:\s*(\d+)/g) ?? 0),
    coverage: `${last(/cov: (\d+)/g) ?? 'unknown'} of ${last(/\((\d+) inline 8-bit counters\)/g) ?? 'unknown'} places`,
  };
}

async function fuzzOne(outcome, target, options) {
  const folders = places(target);
  const before = new Set(readdirSync(folders.findings));
  const limitMs = options.minutes * 60_000 + beyondMs;
  const begun = beginRun(`fuzz-${target}`);
  const { program } = targets[target];
  const result = await runWatched(at(program), argumentsOf(target, folders, options), {
    env: begun.env,
    limitMs,
    quiet: true,
    passInterrupt: true,
  });
  const found = readdirSync(folders.findings).filter((name) => !before.has(name));
  const { inputs, coverage } = told(result.output);
  console.log(`   ${target}: ${inputs} inputs, coverage ${coverage}, ${found.length} findings`);
  for (const name of found) {
    const file = join(folders.findings, name);
    outcome.fail(`fuzzing ${target}: ${file} is a finding; replay it with: ${program} <that file>`);
  }
  if (!endedWell(result) && found.length === 0) outcome.fail(`fuzzing ${target} ${ending(result, limitMs)}`);
  if (!endedWell(result) || found.length > 0) console.log(result.output.split('\n').slice(-60).join('\n'));
  else if (inputs === 0) outcome.fail(`fuzzing ${target} ran no input`);
  else outcome.pass();
  // A crash leaves its files, which is no further finding; they go with the directory.
  checkNothingLeft(begun, outcome, { killed: !endedWell(result) });
}

/**
 * One stage. The targets run at the same time.
 *
 * @param options.minutes how long
 * @param options.only one target
 * @param options.seed of the choices, which are the same again with the same corpus only
 */
export async function fuzz(outcome, { minutes, only, seed }) {
  const chosen = fuzzTargets.filter((target) => only === undefined || target === only);
  if (chosen.length === 0) throw new Error('Nothing can be fuzzed here: libFuzzer is expected on Linux only.');
  await build(chosen);
  await Promise.all(chosen.map((target) => fuzzOne(outcome, target, { minutes, seed })));
}
