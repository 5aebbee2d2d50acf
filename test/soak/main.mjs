// The soak: rounds of random work and random deaths, until the time is over. Run by `npm run soak`.
//
//   node main.mjs --minutes N [--seed S] [--report FILE] [--live COLUMNS]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { now } from './ledger.mjs';
import { Random } from './random.mjs';
import { Round, Stopped } from './round.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    report: { type: 'string' },
    live: { type: 'string' },
  },
});
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const random = new Random(seed);
const folder = mkdtempSync(join(tmpdir(), 'procloom-soak-'));
const reports = join(folder, 'violations');
const started = now();
const until = started + Number(values.minutes) * 60_000;

let interrupted = false;
process.on('SIGINT', () => (interrupted = true)).on('SIGTERM', () => (interrupted = true));

const total = {
  seed,
  seconds: 0,
  rounds: 0,
  operations: {},
  kills: { process: 0, thread: 0 },
  steals: 0,
  brokenBarriers: 0,
  timeouts: 0,
  aborts: 0,
  checks: 0,
  violations: [],
};

function add(sums, more) {
  for (const [key, value] of Object.entries(more)) {
    if (typeof value === 'number') sums[key] = (sums[key] ?? 0) + value;
    else add((sums[key] ??= {}), value);
  }
}

/** Of all rounds, with the one that goes on. */
function sumWith(round) {
  const sums = structuredClone(total);
  if (round !== undefined) {
    add(sums, { ...round.done, kills: round.kills, checks: round.checks });
    sums.violations = round.violations;
  }
  sums.seconds = (now() - started) / 1000;
  return sums;
}

function line({ seconds, rounds, operations, kills, steals, brokenBarriers, violations }) {
  const done = Object.entries(operations).map(([kind, { blocking, awaited }]) => `${kind} ${blocking + awaited}`);
  const total = kills.process + kills.thread;
  return (
    `${seconds.toFixed(0)} s, ${violations.length} violations, ${total} kills, ${steals} steals, ` +
    `${brokenBarriers} broken; round ${rounds + 1}: ${done.join(', ')}`
  );
}

let round;
let everybodyEnded = true;
/** The line of a terminal, written anew. */
const rewrite = (text) => process.stdout.write(`\r\x1b[K${text.slice(0, Number(values.live) - 1)}`);
const live = values.live && setInterval(() => round && rewrite(line(sumWith(round))), 1000);

console.log(`seed ${seed}`);
try {
  while (now() < until && !interrupted) {
    round = new Round(seed, total.rounds, reports);
    await round.run(Math.max(2_000, Math.min(random.between(8_000, 20_000), until - now())), () => interrupted);
    Object.assign(total, sumWith(round), { rounds: total.rounds + 1 });
    const over = round;
    round = undefined;
    await over.close();
  }
} catch (error) {
  if (!(error instanceof Stopped)) throw error;
  Object.assign(total, sumWith(round));
  everybodyEnded = await round.abandon();
}
clearInterval(live);

total.seconds = (now() - started) / 1000;
if (values.live) rewrite('');
console.log(`${total.seconds.toFixed(1)} s, ${total.rounds} rounds, seed ${seed}${interrupted ? ', interrupted' : ''}`);
for (const [kind, { blocking, awaited }] of Object.entries(total.operations)) {
  console.log(`   ${kind.padEnd(10)} ${blocking} blocking, ${awaited} awaited`);
}
console.log(`   ${total.kills.process} processes killed, ${total.kills.thread} threads terminated`);
console.log(
  `   ${total.steals} steals, ${total.brokenBarriers} waits that broke, ${total.timeouts} timeouts, ${total.aborts} aborts`,
);
console.log(`   ${total.checks} checks, ${total.violations.length} violations`);
for (const violation of total.violations) console.log(`   VIOLATION ${violation}`);
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify({ ...total, interrupted }));
rmSync(folder, { recursive: true });
// A thread that hangs keeps its process from ending in any other way.
if (!everybodyEnded) process.kill(process.pid, 'SIGKILL');
if (total.violations.length > 0) process.exitCode = 1;
