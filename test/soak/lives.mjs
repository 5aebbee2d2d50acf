// Many short lives: N children of each start method, one after another on each processor, and many at once. What each took
// must be given back. Run by `npm run soak -- --lives N`.
//
//   node --expose-gc lives.mjs --lives N --at-once M [--method METHOD] [--report FILE]
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { activeChildren, Barrier, cpuCount, getAllStartMethods, getContext, Pipe, Value } from 'procloom';

const { values } = parseArgs({
  options: {
    lives: { type: 'string' },
    'at-once': { type: 'string' },
    method: { type: 'string' },
    report: { type: 'string' },
  },
});
const lives = Number(values.lives);
const atOnce = Number(values['at-once']);
const target = (name) => ({ module: new URL('short-lives.mjs', import.meta.url), export: name });

/** What may have grown for each life, and for all: caches of V8's, what the allocator keeps. */
const HEAP_BYTES_EACH = 256;
const RSS_BYTES_EACH = 4096;
const SLACK_BYTES = { heap: 512 * 1024, rss: 24 * 1024 * 1024 };
/** How long what ends by itself may take: a child on its way out, a spare on its way in. */
const PATIENCE_MS = 10_000;

const violations = [];
let checks = 0;

function expect(holds, otherwise) {
  if (holds) checks++;
  else violations.push(otherwise);
}

async function joined(child, code) {
  const ended = await child.join();
  expect(ended === code, `${child.name} ended with ${ended} instead of ${code}`);
}

/** Each life ends in one of these ways. */
const kinds = [
  ({ Process }) => joined(new Process({ target: target('nothing') }).start(), 0),
  ({ Process }, total) => joined(new Process({ target: target('add'), args: [total] }).start(), 0),
  ({ Process }) => joined(new Process({ target: target('exit'), args: [5] }).start(), 5),
  async ({ Process }) => {
    const child = new Process({ target: target('print'), stdio: 'pipe' }).start();
    let all = '';
    for await (const chunk of child.stdout) all += chunk;
    expect(all === 'text\n', `a child printed ${JSON.stringify(all)}`);
    await joined(child, 0);
  },
  async ({ Process }) => {
    const [ours, theirs] = Pipe();
    const child = new Process({ target: target('receive'), args: [theirs] }).start();
    for (const end of [ours, theirs]) end.close();
    child.kill();
    await joined(child, -9);
  },
];

/** So many, on each processor one. */
async function live(context, count, total) {
  let begun = 0;
  const lane = async () => {
    while (begun < count) await kinds[begun++ % kinds.length](context, total);
  };
  await Promise.all(Array.from({ length: cpuCount() }, lane));
}

async function collect() {
  for (let i = 0; i < 20; i++) {
    await turn();
    globalThis.gc();
  }
}

const count = (folder) => readdirSync(folder).length;

/** Zombies, too. */
function childrenCount() {
  const lists = readdirSync('/proc/self/task').map((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8'));
  return lists.join(' ').split(' ').filter(Boolean).length;
}

/** Without doorbells: those of the dead are closed by the next sweep, or replaced by those who get their place. */
function descriptors() {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ''; // the one that the listing itself had open
    }
  });
  return targets.filter((target) => target !== '' && !/\/bell-[^/]*$/.test(target)).length;
}

const state = () => ({
  descriptors: descriptors(),
  files: count(process.env.PROCLOOM_DIR),
  children: childrenCount(),
  active: activeChildren().length,
  listeners: process.eventNames().map((name) => `${String(name)} ${process.listenerCount(name)}`),
  resources: process.getActiveResourcesInfo().sort(),
});

/** Until it is as before, or for ever otherwise. */
async function expectState(before, when) {
  const deadline = performance.now() + PATIENCE_MS;
  while (!isDeepStrictEqual(state(), before) && performance.now() < deadline) {
    await sleep(20);
    await collect();
  }
  const after = state();
  for (const what of Object.keys(before)) {
    const same = isDeepStrictEqual(after[what], before[what]);
    expect(same, `${when}: ${what} ${JSON.stringify(before[what])}, then ${JSON.stringify(after[what])}`);
  }
}

async function memory() {
  await collect();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, rss };
}

async function many(method) {
  const context = getContext(method);
  const total = new Value('i', 0);
  const half = Math.ceil(lives / 2);
  await live(context, 10 * kinds.length, total);
  await collect();
  const before = state();
  const started = performance.now();
  await live(context, half, total);
  const halfway = await memory();
  await live(context, half, total);
  const milliseconds = (performance.now() - started) / (2 * half);
  const end = await memory();
  await expectState(before, `${2 * half} lives by ${method}`);
  const perLife = {};
  for (const [what, each] of [
    ['heap', HEAP_BYTES_EACH],
    ['rss', RSS_BYTES_EACH],
  ]) {
    const growth = end[what] - halfway[what];
    perLife[what] = Math.round(growth / half);
    expect(growth <= SLACK_BYTES[what] + half * each, `${method}: ${what} grew by ${growth} bytes in ${half} lives`);
  }
  total.close();
  return { lives: 2 * half, milliseconds, perLife };
}

/** All live at the same time: nobody ends before all have begun. */
async function together(method) {
  const { Process } = getContext(method);
  const everybody = new Barrier(atOnce);
  const total = new Value('i', 0);
  const before = state();
  const started = performance.now();
  const args = [everybody, total];
  const children = Array.from({ length: atOnce }, () => new Process({ target: target('meet'), args }).start());
  const startedAll = performance.now() - started;
  const codes = await Promise.all(children.map((child) => child.join()));
  const seconds = (performance.now() - started) / 1000;
  expect(
    codes.every((code) => code === 0),
    `of ${atOnce} by ${method} some ended with ${codes.filter(Boolean)}`,
  );
  expect(total.value === atOnce, `of ${atOnce} by ${method}, ${total.value} have run`);
  await collect();
  await expectState(before, `${atOnce} at once by ${method}`);
  everybody.close();
  total.close();
  return { atOnce, seconds, startMilliseconds: startedAll / atOnce };
}

const figures = {};
for (const method of values.method ? [values.method] : getAllStartMethods()) {
  const each = await many(method);
  const all = await together(method);
  figures[method] = { ...each, ...all };
  console.log(
    `   ${method.padEnd(10)} ${each.lives} lives, ${each.milliseconds.toFixed(1)} ms each; for each of the second half ` +
      `${each.perLife.heap} bytes of heap, ${each.perLife.rss} of rss; ` +
      `${atOnce} at once in ${all.seconds.toFixed(1)} s, ${all.startMilliseconds.toFixed(1)} ms for each start()`,
  );
}
for (const violation of violations) console.log(`   VIOLATION ${violation}`);
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify({ checks, violations, figures }));
if (violations.length > 0) process.exitCode = 1;
