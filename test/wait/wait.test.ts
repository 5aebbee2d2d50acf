// wait and waitSync: whichever is ready first, blocking and awaited alike.
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';

import { Pipe } from '../../lib/connection/pipe.js';
import type { Connection } from '../../lib/connection/connection.js';
import { ClosedError, StateError } from '../../lib/errors/errors.js';
import { Process } from '../../lib/process/process.js';
import { JoinableQueue } from '../../lib/queue/joinable-queue.js';
import { Queue } from '../../lib/queue/queue.js';
import { SimpleQueue } from '../../lib/queue/simple-queue.js';
import { Event } from '../../lib/sync/event.js';
import { Lock } from '../../lib/sync/lock.js';
import { BoundedSemaphore, Semaphore } from '../../lib/sync/semaphore.js';
import { wait, type Waitable, waitSync } from '../../lib/wait/wait.js';
import { expectInvalid } from '../memory/failures.js';

const program = fileURLToPath(new URL('../fixtures/wait/jobs.mjs', import.meta.url));
const start = (job: string, ...args: unknown[]) =>
  new Process({ target: { module: program, export: job }, args }).start();

type Options = { timeout?: number };
type Wait = <T extends Waitable>(objects: Iterable<T>, options?: Options) => Promise<T[]>;
const ways: [string, Wait][] = [
  ['awaited', (objects, options) => wait(objects, options)],
  ['blocking', async (objects, options) => waitSync(objects, options)],
];

describe.each(ways)('%s', (_way, waitFor) => {
  test('what is ready at once, in its order; nothing is taken', async () => {
    using queue = new Queue<number>();
    using simple = new SimpleQueue<number>();
    using joinable = new JoinableQueue<number>();
    using event = new Event();
    using semaphore = new Semaphore(1);
    using none = new BoundedSemaphore(1);
    const [receiver, sender] = Pipe({ duplex: false });
    none.acquireSync();
    const all = [none, event, receiver, joinable, semaphore, simple, queue];
    expect(await waitFor(all)).toEqual([semaphore]);
    queue.putSync(1);
    simple.putSync(2);
    joinable.putSync(3);
    sender.sendSync(4);
    event.set();
    const ready = await waitFor(all);
    expect(ready).toEqual([event, receiver, joinable, semaphore, simple, queue]);
    expect(await waitFor(all)).toEqual(ready);
    expect([queue.getSync(), simple.getSync(), joinable.getSync(), receiver.recvSync()]).toEqual([1, 2, 3, 4]);
    semaphore.acquireSync();
    event.clear();
    expect(await waitFor(all, { timeout: 0 })).toEqual([]);
    sender.close();
    expect(await waitFor(all)).toEqual([receiver]); // its end
    queue.shutdown();
    expect(await waitFor(all)).toEqual([receiver, queue]);
    receiver.close();
  });

  test('none, and none within the time', async () => {
    using queue = new Queue();
    expect(await waitFor([])).toEqual([]);
    for (const timeout of [0, -1, 1, 120]) {
      const begun = performance.now();
      expect(await waitFor([queue, queue], { timeout })).toEqual([]);
      expect(performance.now() - begun).toBeGreaterThanOrEqual(timeout - 1);
    }
  });

  test.each(['sendThree', 'sendSlowly'])(
    'messages of several children until all of them have ended: %s',
    async (job) => {
      const open = new Set<Connection>();
      const children = ['a', 'b', 'c'].map((name) => {
        const [receiver, sender] = Pipe({ duplex: false });
        const child = start(job, sender, name);
        sender.close();
        open.add(receiver);
        return child;
      });
      const got: unknown[] = [];
      while (open.size > 0) {
        for (const receiver of await waitFor(open)) {
          try {
            got.push(receiver.recvSync());
          } catch {
            open.delete(receiver);
            receiver.close();
          }
        }
      }
      expect(got.map((message) => String(message)).sort()).toEqual(
        ['a', 'b', 'c'].flatMap((name) => [0, 1, 2].map((i) => `${name},${i}`)),
      );
      for (const child of children) expect(await child.join()).toBe(0);
    },
  );

  test.each<[string, () => Waitable & { close(): void }, string, unknown[]]>([
    ['an event', () => new Event(), 'set', []],
    ['a semaphore', () => new Semaphore(0), 'release', []],
    ['a queue', () => new Queue(), 'putSync', [1]],
    ['the end of a queue', () => new Queue(), 'shutdown', []],
  ])('%s, beside another, by a child', async (_what, make, verb, args) => {
    const object = make();
    using other = new Queue();
    const child = start('afterAWhile', object, verb, ...args);
    expect(await waitFor<Waitable>([other, object])).toEqual([object]);
    expect(await child.join()).toBe(0);
    object.close();
  });

  test('the end of a process, by itself and by a signal', async () => {
    using queue = new Queue();
    const child = start('exit', 3);
    expect(await waitFor<Waitable>([queue, child])).toEqual([child]);
    expect(child.exitcode).toBe(3);
    expect(await waitFor([child])).toEqual([child]);

    const [receiver, sender] = Pipe({ duplex: false });
    const killed = start('hold', sender);
    sender.close();
    expect(await waitFor<Waitable>([receiver, killed])).toEqual([receiver]);
    expect(receiver.recvSync()).toBe('mine');
    expect(await waitFor<Waitable>([receiver, killed], { timeout: 20 })).toEqual([]);
    killed.kill();
    const ready = new Set<Waitable>();
    while (ready.size < 2) for (const one of await waitFor<Waitable>([receiver, killed])) ready.add(one);
    expect(await killed.join()).toBe(-9);
    receiver.close();
  });

  test('who waits and takes nothing keeps nothing from who gets', async () => {
    using queue = new Queue<number | null>();
    using told = new Queue<unknown>();
    const child = start('getAll', queue, told);
    expect(await told.get()).toBe('about to');
    for (let i = 0; i < 200; i++) {
      const waiting = waitFor([queue], { timeout: i % 3 });
      queue.putSync(i);
      await waiting;
      expect(await told.get()).toBe(i);
    }
    queue.putSync(null);
    expect(await child.join()).toBe(0);
  });

  test('beside promises of this thread that wait for the same, which get it', async () => {
    using queue = new Queue<number>();
    const first = queue.get();
    const second = queue.get();
    expect(await waitFor([queue], { timeout: 20 })).toEqual([]);
    queue.putSync(1);
    expect(await first).toBe(1);
    queue.putSync(2);
    expect(await second).toBe(2);
    expect(await waitFor([queue], { timeout: 1 })).toEqual([]);
  });

  test('what cannot be waited for', async () => {
    using lock = new Lock();
    using queue = new Queue();
    const [receiver, sender] = Pipe({ duplex: false });
    const closed = new Queue();
    closed.close();
    await expectInvalid(() => waitFor([lock as never]), TypeError, /objects must be/);
    await expectInvalid(() => waitFor([queue, null as never]), TypeError, /objects must be/);
    await expectInvalid(() => waitFor(queue as never), TypeError, /iterable/);
    await expectInvalid(() => waitFor(undefined as never), TypeError, /iterable/);
    await expectInvalid(() => waitFor([queue], { timeout: NaN }), RangeError, /timeout/);
    await expectInvalid(() => waitFor([queue], { timeout: '1' as never }), TypeError, /timeout/);
    await expect(waitFor([queue, closed])).rejects.toThrow(ClosedError);
    await expect(waitFor([sender])).rejects.toThrow(StateError);
    await expect(waitFor([new Process()])).rejects.toThrow(StateError);
    receiver.close();
    sender.close();
  });
});

test('many at once: the one of a hundred', async () => {
  const queues = Array.from({ length: 100 }, () => new Queue<number>());
  for (let i = 0; i < 100; i += 7) {
    const waiting = wait(queues);
    queues[i]!.putSync(i);
    expect(await waiting).toEqual([queues[i]]);
    expect(waitSync(queues)).toEqual([queues[i]]);
    queues[i]!.getSync();
  }
  for (const queue of queues) queue.close();
});

test('a signal aborts it, a close ends it', async () => {
  using event = new Event();
  const queue = new Queue();
  await expect(wait([queue], { signal: AbortSignal.abort('no') })).rejects.toBe('no');
  const controller = new AbortController();
  const aborted = wait([queue, event], { signal: controller.signal });
  controller.abort('enough');
  await expect(aborted).rejects.toBe('enough');
  const closed = wait([queue, event]);
  queue.close();
  await expect(closed).rejects.toThrow(ClosedError);
});

test('a thread that blocks in it can be terminated', async () => {
  const code = `import { Event, waitSync } from 'procloom';
    import { parentPort } from 'node:worker_threads';
    parentPort.postMessage('about to');
    waitSync([new Event()]);`;
  const worker = new Worker(
    new URL(
      `data:text/javascript,${encodeURIComponent(code.replace("'procloom'", JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)))}`,
    ),
  );
  await new Promise((resolve) => worker.once('message', resolve));
  expect(await worker.terminate()).toBe(1);
});
