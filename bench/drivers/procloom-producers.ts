/**
 * More producers for one queue, each a process of its own. Before the clock starts each takes its share of a lap and says
 * that it has it; then all wait for the start.
 */
import { Process, Queue, Semaphore } from 'procloom';
import { joinPeer } from './procloom-peer.js';

/** null ends a producer. */
type Share = readonly object[] | null;

export class Producers {
  private readonly shares = new Queue<Share>();
  private readonly ready = new Semaphore(0);
  private readonly start = new Semaphore(0);
  private readonly children: Process[];

  constructor(count: number, into: Queue<unknown>) {
    this.children = Array.from({ length: count }, () =>
      new Process({
        target: { module: import.meta.url, export: 'produce' },
        args: [this.shares, this.ready, this.start, into],
        // Dies with the host, however that ends.
        daemon: true,
      }).start(),
    );
  }

  async give(shares: readonly (readonly object[])[]): Promise<void> {
    for (const share of shares) await this.shares.put(share);
    for (const _ of shares) await this.ready.acquire();
  }

  go(): void {
    this.start.release(this.children.length);
  }

  async close(): Promise<void> {
    for (const _ of this.children) await this.shares.put(null);
    for (const child of this.children) await joinPeer(child);
    for (const object of [this.shares, this.ready, this.start]) object.close();
  }
}

/** What each of them runs. A fast one cannot take two shares: nobody starts before all are taken. */
export function produce(shares: Queue<Share>, ready: Semaphore, start: Semaphore, into: Queue<unknown>): void {
  for (;;) {
    const share = shares.getSync();
    if (share === null) break;
    ready.release();
    start.acquireSync();
    for (let i = 0; i < share.length; i++) into.putSync(share[i]);
  }
  for (const object of [shares, ready, start, into]) object.close();
}
