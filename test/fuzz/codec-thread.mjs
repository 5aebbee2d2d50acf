// Makes messages and checks them until the time is over, in a thread of its own: one that hangs, or takes too much
// memory, can be ended, and what it was reading stands in memory that the main thread has too.
import * as fc from 'fast-check';
import { parentPort, workerData } from 'node:worker_threads';

import { checkMessage } from './codec-input.mjs';
import { coverageOf } from './coverage.mjs';
import { messages } from './messages.mjs';

const { shared, seeds, milliseconds, seed } = workerData;
/** [how many inputs so far, the length of the present one], then the present one. */
const facts = new Int32Array(shared, 0, 2);
const present = new Uint8Array(shared, 8);

let values = 0;
const check = (input) => {
  present.set(input.subarray(0, present.length));
  Atomics.store(facts, 1, Math.min(input.length, present.length));
  Atomics.add(facts, 0, 1);
  if (checkMessage(input)) values++;
};

const coverage = await coverageOf('/dist/serialize/', () => {
  for (const input of seeds) check(Buffer.from(input));
  return fc.check(fc.property(messages(seeds.map((input) => Buffer.from(input))), check), {
    seed,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: milliseconds,
    markInterruptAsFailure: false,
    endOnFailure: false,
  });
});
const { failed, counterexample, errorInstance } = coverage.result;
parentPort.postMessage({
  values,
  coverage: coverage.percent,
  ...(failed ? { finding: errorInstance?.stack ?? String(errorInstance), input: counterexample[0] } : {}),
});
