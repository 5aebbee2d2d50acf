/** procloom's Lock, and a Value with its lock. */
import { Lock, Value, type Process } from 'procloom';
import type { Context, Driver, Host, Peer, Ready } from './driver.js';
import { joinPeer, startPeer } from './procloom-peer.js';

type Counter = Value<'i', number>;

/** What one writes for Python's `with value.get_lock(): value.value += 1`. */
function increment(counter: Counter, count: number): void {
  const lock = counter.getLock();
  for (let i = 0; i < count; i++) {
    lock.acquireSync();
    counter.value += 1;
    lock.release();
  }
}

class LockHost implements Host {
  private readonly lock = new Lock();
  private readonly counter: Counter = new Value('i', 0);
  private readonly child: Process;

  constructor(context: Context) {
    this.child = startPeer(context, this.counter);
  }

  acquireRelease(count: number): void {
    const { lock } = this;
    for (let i = 0; i < count; i++) {
      lock.acquireSync();
      lock.release();
    }
  }

  increment(count: number): void {
    increment(this.counter, count);
  }

  total(): number {
    return this.counter.value;
  }

  async close(): Promise<void> {
    await joinPeer(this.child);
    this.lock.close();
    this.counter.close();
  }
}

class LockPeer implements Peer {
  private readonly counter: Counter;

  constructor(counter: Counter) {
    this.counter = counter;
  }

  async increment(count: number, ready: Ready): Promise<void> {
    await ready();
    increment(this.counter, count);
  }

  extra(): number {
    return 0;
  }

  close(): void {
    this.counter.close();
  }
}

export default {
  host: (context) => new LockHost(context),
  peer: (_context, counter: Counter) => new LockPeer(counter),
} satisfies Driver;
