// Fuzzing of the codec, until the time is over. Run by `npm run fuzz`.
//
//   node codec.mjs --minutes N --corpus FOLDER --findings FOLDER [--seed S]    makes messages and checks them
//   node codec.mjs FILE …                                                      checks these inputs, each once
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

import { checkMessage } from './codec-input.mjs';

/** An input that takes longer hangs; the longest ones are of a few thousand bytes. */
const MOST_MS = 20_000;
/** A single array of holes that were believed would take more. */
const MOST_MEGABYTES = 192;
const LONGEST_KEPT = 1 << 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '1' },
    corpus: { type: 'string' },
    findings: { type: 'string', default: 'build-fuzz/codec' },
    seed: { type: 'string' },
  },
});

function keep(input) {
  mkdirSync(values.findings, { recursive: true });
  const name = createHash('sha1').update(input).digest('hex').slice(0, 16);
  const file = join(values.findings, `finding-${name}.bin`);
  writeFileSync(file, input);
  return file;
}

async function fuzz() {
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  const seeds = readdirSync(values.corpus).map((name) => readFileSync(join(values.corpus, name)));
  const shared = new SharedArrayBuffer(8 + LONGEST_KEPT);
  const facts = new Int32Array(shared, 0, 2);
  const present = () => Buffer.from(Buffer.from(shared, 8, facts[1]));
  const milliseconds = Number(values.minutes) * 60_000;
  const worker = new Worker(new URL('codec-thread.mjs', import.meta.url), {
    workerData: { shared, seeds, milliseconds, seed },
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
  });
  let before = -1;
  const outcome = await new Promise((resolve) => {
    // Shrinking a finding goes on after the time; only what does not move at all is ended.
    const clock = setInterval(() => {
      const inputs = Atomics.load(facts, 0);
      if (inputs === before) resolve({ finding: `it took longer than ${MOST_MS / 1000} s`, input: present() });
      before = inputs;
    }, MOST_MS);
    worker.once('message', resolve).once('error', (error) => resolve({ finding: String(error), input: present() }));
    worker.once('exit', () => clearInterval(clock));
  });
  await worker.terminate();
  const inputs = Atomics.load(facts, 0);
  const { values: good = 'unknown', coverage } = outcome;
  const covered = coverage === undefined ? 'unknown' : `${coverage.toFixed(1)} % of lib/serialize`;
  if (outcome.finding !== undefined) {
    console.log(`finding: ${outcome.finding}\nkept: ${keep(Buffer.from(outcome.input))}`);
    process.exitCode = 1;
  }
  console.log(`codec: ${inputs} inputs (${good} were values), coverage ${covered}, seed ${seed}`);
}

if (positionals.length > 0) {
  for (const file of positionals) console.log(`${file}: ${checkMessage(readFileSync(file)) ? 'a value' : 'refused'}`);
} else {
  await fuzz();
}
