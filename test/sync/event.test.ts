// Event: set, cleared and waited for, in this thread, in others and in other processes.
import { describe, expect, test } from 'vitest';

import { Pipe } from '../../lib/connection/pipe.js';
import { ClosedError } from '../../lib/errors/errors.js';
import { Process } from '../../lib/process/process.js';
import { Queue } from '../../lib/queue/queue.js';
import { Event } from '../../lib/sync/event.js';
import { expectInvalid, failureOf } from '../memory/failures.js';
import { fixture, startThread } from './thread.js';

test('is not set at first, and set until it is cleared', async () => {
  using event = new Event();
  expect(event.isSet()).toBe(false);
  expect(event.waitSync({ timeout: 0 })).toBe(false);
  expect(await event.wait({ timeout: 0 })).toBe(false);
  event.set();
  event.set();
  expect(event.isSet()).toBe(true);
  expect([event.waitSync(), event.waitSync({ timeout: 0 }), await event.wait()]).toEqual([true, true, true]);
  event.clear();
  event.clear();
  expect(event.isSet()).toBe(false);
  expect(await event.wait({ timeout: -1 })).toBe(false);
});

test('a wait ends with its time, not before', async () => {
  using event = new Event();
  for (const wait of [() => event.waitSync({ timeout: 30 }), () => event.wait({ timeout: 30 })]) {
    const begun = performance.now();
    expect(await wait()).toBe(false);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(29);
  }
});

test('set() lets all go who wait, though clear() follows at once', async () => {
  using event = new Event();
  for (let round = 0; round < 3; round++) {
    const waits = [event.wait(), event.wait({ timeout: 30_000 }), event.wait()];
    event.set();
    event.clear();
    const late = event.wait({ timeout: 1 });
    expect(await Promise.all(waits)).toEqual([true, true, true]);
    expect(await late).toBe(false);
  }
});

test('a wait that began while it was set is over, though others wait before it and it was cleared', async () => {
  using event = new Event();
  const first = event.wait();
  event.set();
  const second = event.wait();
  event.clear();
  expect(await Promise.all([first, second])).toEqual([true, true]);
});

test('a set() that the thread made itself before the time passed counts', async () => {
  using event = new Event();
  const wait = event.wait({ timeout: 5 });
  event.set();
  event.clear();
  // The timer is due before the loop comes to the bell.
  for (const begun = performance.now(); performance.now() - begun < 20;);
  expect(await wait).toBe(true);
});

test('10 000 wait', async () => {
  using event = new Event();
  const waits = Array.from({ length: 10_000 }, () => event.wait());
  event.set();
  expect(new Set(await Promise.all(waits))).toEqual(new Set([true]));
});

test('an aborted wait gives the reason, the others go on', async () => {
  using event = new Event();
  const controller = new AbortController();
  const [aborted, other] = [event.wait({ signal: controller.signal }), event.wait()];
  controller.abort('enough');
  expect(await failureOf(() => aborted)).toBe('enough');
  event.set();
  expect(await other).toBe(true);
  expect(await failureOf(() => event.wait({ signal: controller.signal })), 'though it is set').toBe('enough');
});

test('close() ends the waits of its handle, and no others', async () => {
  const event = new Event();
  using queue = new Queue<Event>();
  queue.putSync(event);
  using same = queue.getSync();
  const [closed, other] = [event.wait(), same.wait()];
  event.close();
  expect(await failureOf(() => closed)).toBeInstanceOf(ClosedError);
  same.set();
  expect(await other).toBe(true);
});

test('refuses what is wrong', async () => {
  expect.hasAssertions();
  using event = new Event();
  for (const options of [null, 5, 'name'] as never[]) {
    await expectInvalid(() => new Event(options), TypeError, /options must be an object/);
    await expectInvalid(() => event.wait(options), TypeError, /options must be an object/);
    await expectInvalid(() => event.waitSync(options), TypeError, /options must be an object/);
  }
  for (const wait of [event.wait.bind(event), event.waitSync.bind(event)]) {
    await expectInvalid(() => wait({ timeout: NaN }), RangeError, /timeout must be a number of milliseconds, not NaN/);
    await expectInvalid(() => wait({ timeout: '1' as never }), TypeError, /timeout must be a number/);
  }
  await expectInvalid(() => event.wait({ signal: {} as never }), TypeError, /signal must be an AbortSignal/);
});

describe.each(['waitForEventSync', 'waitForEvent'])('%s elsewhere', (job) => {
  test('in a process and in a thread', async () => {
    using event = new Event();
    using told = new Queue<unknown>();
    const child = new Process({ target: fixture(job), args: [event, told] }).start();
    const thread = startThread(job, event, told);
    expect([await told.get(), await told.get()]).toEqual(['waiting', 'waiting']);
    expect(told.empty()).toBe(true);
    event.set();
    expect([await told.get(), await told.get()]).toEqual([true, true]);
    expect(await child.join()).toBe(0);
    await thread.ended;
  });
});

test('is set by a process and by a thread', async () => {
  using event = new Event();
  const child = new Process({ target: fixture('setEvent'), args: [event] }).start();
  expect(event.waitSync()).toBe(true);
  await child.join();
  event.clear();
  const thread = startThread('setEvent', event);
  expect(await event.wait()).toBe(true);
  await thread.ended;
});

test('travels in queues and pipes', async () => {
  using event = new Event();
  const [near, far] = Pipe();
  near.sendSync({ event });
  using over = ((await far.recv()) as { event: Event }).event;
  expect(over).toBeInstanceOf(Event);
  expect(over).not.toBe(event);
  over.set();
  expect(event.isSet()).toBe(true);
  near.close();
  far.close();
});
