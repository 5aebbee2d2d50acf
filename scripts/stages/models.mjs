// The Spin models of test/models/: each is checked as it should be, and in variants that are broken on purpose, which Spin must catch.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { ensureSystemPackages } from '../ensure-system-package.mjs';
import { at } from '../setup/places.mjs';
import { endedWell, ending, runWatched } from './watched.mjs';

const limitMs = 600_000;
/** Of one check, in megabytes; at most two run at once. */
const mostMegabytes = 900;
/** A search that comes so deep was not exhaustive, which pan says. */
const mostDepth = 100_000;

/** What Spin found, in one word. */
const verdicts = [
  [/^pan:\d+: assertion violated/m, 'assertion'],
  [/^pan:\d+: invalid end state/m, 'deadlock'],
  [/^pan:\d+: non-progress cycle/m, 'cycle'],
];

/**
 * What pan's output says.
 *
 * @returns `{ states, depth, found, exhaustive }`; found: undefined when nothing was; null when it was not readable
 */
export function verdictOf(output) {
  const errors = /errors: (\d+)/.exec(output);
  const states = /^\s*(\d+) states, stored/m.exec(output);
  const depth = /depth reached (\d+)/.exec(output);
  if (!errors || !states || !depth) return null;
  const exhaustive = !/max search depth too small|out of memory|reached -DMEMLIM|Search not completed/.test(output);
  const found = verdicts.find(([pattern]) => pattern.test(output))?.[1] ?? 'an error';
  return {
    states: Number(states[1]),
    depth: Number(depth[1]),
    found: Number(errors[1]) === 0 ? undefined : found,
    exhaustive: exhaustive || Number(errors[1]) > 0,
  };
}

/** Every variant that a model's text can be broken into. */
export const variantsOf = (text) => [...new Set([...text.matchAll(/^#.*?\b(BREAK_\w+)/gm)].map(([, name]) => name))];

/** A model's text with that of the files that it includes. */
export function textOf(model) {
  const text = readFileSync(at('test/models', `${model}.pml`), 'utf8');
  return text.replaceAll(/^#include "(.+)\.pml"$/gm, (_, part) => textOf(part));
}

/**
 * Why a check has failed; undefined when it has not.
 *
 * @param {{ breaks?: string, expected?: string }} check
 * @param {any} verdict
 */
export function complaint({ breaks, expected }, verdict) {
  if (!verdict) return 'pan did not come to its end';
  if (!verdict.exhaustive) return 'the search was not exhaustive';
  if (!breaks && verdict.found) return `Spin found: ${verdict.found}`;
  if (breaks && !verdict.found) return 'Spin did not catch it';
  if (breaks && expected && verdict.found !== expected) return `Spin found: ${verdict.found}, expected: ${expected}`;
  return undefined;
}

async function step(command, args, cwd) {
  const result = await runWatched(command, args, { cwd, limitMs, quiet: true });
  if (!endedWell(result)) throw new Error(`${command} ${ending(result, limitMs)}:\n${result.output.trimEnd()}`);
  return result.output;
}

async function check(one, folder) {
  mkdirSync(folder, { recursive: true });
  const { model, progress, quiet } = one;
  const defines = [...one.defines, ...(one.breaks ? [`BREAK_${one.breaks}`] : [])].map((define) => `-D${define}`);
  await step('spin', ['-a', ...defines, at('test/models', `${model}.pml`)], folder);
  const kind = progress ? ['-DNP'] : ['-DSAFETY'];
  // Without optimisation: compiling takes longer than all but the longest searches.
  const build = ['-O0', '-w', ...kind, '-DCOLLAPSE', `-DMEMLIM=${mostMegabytes}`, '-o', 'pan', 'pan.c'];
  await step('cc', build, folder);
  // Models that say at rest themselves what may wait (Quiet) have no invalid end states.
  const flags = [`-m${mostDepth}`, ...(progress ? ['-l'] : []), ...(quiet || progress ? ['-E'] : [])];
  const begun = performance.now();
  const result = await runWatched(join(folder, 'pan'), flags, { cwd: folder, limitMs, quiet: true });
  const seconds = (performance.now() - begun) / 1000;
  return { verdict: result.hung ? null : verdictOf(result.output), seconds };
}

/** One stage: all checks, two at a time. `only`: a part of the names of those to run. */
export async function models(outcome, { only = '' } = {}) {
  ensureSystemPackages(['spin']);
  const { checks } = JSON.parse(readFileSync(at('test/models/checks.json'), 'utf8'));
  const all = Object.entries(checks).flatMap(([model, { quiet, correct, broken }]) => [
    ...correct.map((line) => ({ model, quiet, ...read(line) })),
    ...Object.entries(broken).map(([breaks, line]) => ({ model, quiet, breaks, ...read(line) })),
  ]);
  for (const [model, { broken }] of Object.entries(checks)) {
    const inText = variantsOf(textOf(model)).map((name) => name.slice(6));
    const missing = inText.filter((name) => !(name in broken));
    if (missing.length > 0) outcome.fail(`${model}.pml: nobody checks that Spin catches ${missing.join(', ')}`);
  }
  const chosen = all.filter((one) => nameOf(one).includes(only));
  const folder = at('build-models');
  rmSync(folder, { recursive: true, force: true });
  const queue = [...chosen.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, one] = next;
      let verdict = null;
      let seconds = 0;
      let why;
      try {
        ({ verdict, seconds } = await check(one, join(folder, String(index))));
        why = complaint(one, verdict);
      } catch (error) {
        why = error.message;
      }
      const counts = verdict
        ? `${verdict.states} states, depth ${verdict.depth}, ${seconds.toFixed(1)} s`
        : `${seconds.toFixed(1)} s`;
      const found = why ? `FAILED: ${why}` : one.breaks ? `caught: ${verdict.found}` : 'holds';
      console.log(`   ${nameOf(one).padEnd(78)}  ${counts.padEnd(38)}  ${found}`);
      if (why) outcome.fail(`${nameOf(one)}: ${why}`);
      else outcome.pass();
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  rmSync(folder, { recursive: true, force: true });
}

/** `progress N=3 LOOPS=1 → deadlock`: what is searched for, the defines, and what a broken variant must be caught by. */
function read(line) {
  const [left, expected] = line.split('→').map((part) => part.trim());
  const words = left.split(' ').filter(Boolean);
  return { progress: words.includes('progress'), defines: words.filter((word) => word !== 'progress'), expected };
}

const nameOf = ({ model, progress, defines, breaks }) =>
  [model, breaks && `without care (${breaks.toLowerCase().replaceAll('_', ' ')})`, progress && 'progress', ...defines]
    .filter(Boolean)
    .join(' ');
