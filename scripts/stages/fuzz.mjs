// Fuzzing: damaged images of rings and segments (native/fuzz/, by libFuzzer), and bytes read as messages (test/fuzz/).
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
const longestInput = 400;
const secondsAnInput = 20;

const nativeTargets = ['rings', 'segments'];
/** What can be fuzzed; the native ones where the compiler brings libFuzzer. */
export const fuzzTargets = [...(process.platform === 'linux' ? nativeTargets : []), 'codec'];

/** Where a target keeps what it finds: inputs worth beginning with the next time, and findings. */
const places = (target) => {
  const folders = { corpus: at('build-fuzz', target, 'corpus'), findings: at('build-fuzz', target, 'findings') };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  return folders;
};

const programOf = (target) => at('build-native/fuzz', `procloom-fuzz-${target}`);

async function build(targets) {
  ensureSystemPackages(['cmake', 'clang', 'libclang-rt-dev']);
  const folder = at('build-native/fuzz');
  mkdirSync(folder, { recursive: true });
  await runTool('cmake', ['-S', root, '-B', folder, '-DCMAKE_CXX_COMPILER=clang++', '-DPROCLOOM_FUZZ=ON']);
  const programs = targets.map((target) => `procloom-fuzz-${target}`);
  const jobs = String(availableParallelism());
  await runTool('cmake', ['--build', folder, '--parallel', jobs, '--target', ...programs]);
}

/** The command of a target, and how its output is read. */
function plan(target, { minutes, seed }) {
  const { corpus, findings } = places(target);
  if (target === 'codec') {
    const args = [at('test/fuzz/codec.mjs'), '--minutes', String(minutes), '--corpus', at('test/fuzz/corpus/codec')];
    args.push('--findings', findings, ...(seed === undefined ? [] : ['--seed', String(seed)]));
    return {
      command: process.execPath,
      args,
      findings,
      replay: 'node test/fuzz/codec.mjs',
      inputs: (output) => /codec: (\d+) inputs/.exec(output)?.[1],
      coverage: (output) => /coverage ([^,]+)/.exec(output)?.[1],
    };
  }
  const options = {
    max_total_time: Math.max(1, Math.round(minutes * 60)),
    max_len: longestInput,
    timeout: secondsAnInput,
    rss_limit_mb: 2048,
    print_final_stats: 1,
    artifact_prefix: `${findings}/`,
    ...(seed === undefined ? {} : { seed }),
  };
  return {
    command: programOf(target),
    args: [
      ...Object.entries(options).map(([name, value]) => `-${name}=${value}`),
      corpus,
      at('native/fuzz/corpus', target),
    ],
    findings,
    replay: `build-native/fuzz/procloom-fuzz-${target}`,
    inputs: (output) => /number_of_executed_units:\s*(\d+)/.exec(output)?.[1],
    coverage: (output) => `${[...output.matchAll(/cov: (\d+)/g)].at(-1)?.[1] ?? 'unknown'} edges`,
  };
}

async function fuzzOne(outcome, target, options) {
  const { command, args, findings, replay, inputs, coverage } = plan(target, options);
  const before = new Set(readdirSync(findings));
  const limitMs = options.minutes * 60_000 + beyondMs;
  const begun = beginRun(`fuzz-${target}`);
  const result = await runWatched(command, args, { env: begun.env, limitMs, quiet: true, passInterrupt: true });
  const found = readdirSync(findings).filter((name) => !before.has(name));
  const count = Number(inputs(result.output) ?? 0);
  console.log(`   ${target}: ${count} inputs, coverage ${coverage(result.output)}, ${found.length} findings`);
  for (const name of found) {
    outcome.fail(`fuzzing ${target}: ${join(findings, name)} is a finding; replay it with: ${replay} <that file>`);
  }
  if (!endedWell(result) && found.length === 0) outcome.fail(`fuzzing ${target} ${ending(result, limitMs)}`);
  if (!endedWell(result) || found.length > 0) console.log(result.output.split('\n').slice(-60).join('\n'));
  else if (count === 0) outcome.fail(`fuzzing ${target} ran no input`);
  else outcome.pass();
  // A crash leaves its files, which is no further finding; they go with the directory.
  checkNothingLeft(begun, outcome, { killed: !endedWell(result) });
}

/**
 * One stage. The targets run at the same time.
 *
 * @param options.minutes how long
 * @param options.only one target
 * @param options.seed of the choices; native ones repeat with the same corpus only
 */
export async function fuzz(outcome, { minutes, only, seed }) {
  const targets = fuzzTargets.filter((target) => only === undefined || target === only);
  const native = targets.filter((target) => nativeTargets.includes(target));
  if (native.length > 0) await build(native);
  for (const target of native) {
    if (!existsSync(programOf(target)))
      throw new Error(`CMake reported success, but ${programOf(target)} is not there.`);
  }
  await Promise.all(targets.map((target) => fuzzOne(outcome, target, { minutes, seed })));
}
