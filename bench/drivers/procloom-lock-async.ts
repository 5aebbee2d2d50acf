/** procloom's Lock, awaited. Nobody else wants it, so no turn of the event loop is due but those that `await` gives. */
import { Lock, type Process } from 'procloom';
import type { Context, Driver, Host, Peer } from './driver.js';
import { joinPeer, startPeer } from './procloom-peer.js';

class AwaitedLockHost implements Host {
  private readonly lock = new Lock();
  private readonly child: Process;

  constructor(context: Context) {
    this.child = startPeer(context);
  }

  async acquireRelease(count: number): Promise<void> {
    const { lock } = this;
    for (let i = 0; i < count; i++) {
      await lock.acquire();
      lock.release();
    }
  }

  async close(): Promise<void> {
    await joinPeer(this.child);
    this.lock.close();
  }
}

const peer: Peer = { extra: () => 0, close: () => undefined };

export default {
  host: (context) => new AwaitedLockHost(context),
  peer: () => peer,
} satisfies Driver;
