// Many short lives in one process: what each took is given back. A thousand of each: `npm run soak -- --lives 1000`.
import { readdirSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Pipe } from '../../lib/connection/pipe.js';
import { activeChildren } from '../../lib/process/current.js';
import { Process } from '../../lib/process/process.js';
import { getAllStartMethods, setStartMethod } from '../../lib/process/start-method.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { childrenOf } from '../setup/children.js';
import { openDescriptors } from '../setup/descriptors.js';
import { fixture } from './program.js';

const endings = (name: string) => ({ module: fixture('endings.mjs'), export: name });
const reporting = (name: string) => ({ module: fixture('reporting.mjs'), export: name });

/** Lives of several kinds: each is started and ended in its own way. */
const kinds: (() => Promise<Process>)[] = [
  async () => joined(new Process({ target: endings('nothing') })),
  async () => {
    using value = new Value('i', 0);
    return joined(new Process({ target: reporting('add'), args: [value, 1] }));
  },
  async () => {
    const child = new Process({ target: endings('print'), args: ['text'], stdio: 'pipe' }).start();
    for await (const chunk of child.stdout!) expect(String(chunk)).toBe('text\n');
    expect(await child.join()).toBe(0);
    return child;
  },
  async () => {
    // What it printed nobody reads.
    const child = new Process({ target: endings('fail'), args: ['never read'], stdio: 'pipe' }).start();
    expect(await child.join()).toBe(1);
    return child;
  },
  async () => {
    // Killed before it has taken what was sent to it.
    const [ours, theirs] = Pipe();
    const child = new Process({ target: endings('receiveOne'), args: [theirs] }).start();
    for (const end of [ours, theirs]) end.close();
    child.kill();
    expect(child.joinSync()).toBe(-9);
    await child.sentinel;
    return child;
  },
];

async function joined(child: Process): Promise<Process> {
  expect(await child.start().join()).toBe(0);
  return child;
}

const state = () => ({
  descriptors: openDescriptors().size,
  files: readdirSync(process.env['PROCLOOM_DIR']!).length,
  // Whoever they are: spares are replaced.
  children: childrenOf(process.pid).map((child) => child.replace(/^\d+ /, '')),
  active: activeChildren(),
  listeners: process.eventNames().map((name) => `${String(name)} ${process.listenerCount(name)}`),
  resources: process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').sort(), // prettier-ignore
});

/** What goes with the collector of garbage, and in the turns after an end, is gone when this resolves: or never. */
async function settled(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 100; i++) {
    // First a turn: whoever was looked at in this one stays for as long as it lasts.
    await turn();
    globalThis.gc!();
    if (isSo()) return;
  }
}

describe.each(getAllStartMethods())('%s:', (method) => {
  beforeAll(() => setStartMethod(method, { force: true }));
  afterAll(() => setStartMethod(null, { force: true }));

  test('as it was before', async () => {
    const rounds = method === 'thread' ? 10 : 6;
    const objects: WeakRef<object>[] = [];
    const live = async () => {
      for (const child of await Promise.all(kinds.map((kind) => kind()))) {
        objects.push(
          ...[child, child.stdout, child.stderr].filter((one) => one !== null).map((one) => new WeakRef(one)),
        );
      }
    };
    const living = () => objects.filter((object) => object.deref() !== undefined).length;
    // All is loaded, and kept, that is used.
    await live();
    await settled(() => living() === 0);
    const before = state();
    for (let i = 0; i < rounds; i++) await live();
    await settled(() => living() === 0 && isDeepStrictEqual(state(), before));
    expect(objects.length).toBe((rounds + 1) * (kinds.length + 4));
    expect(living()).toBe(0);
    expect(state()).toEqual(before);
  });
});
