/** procloom's Queue with the verbs that are awaited: put → get. */
import { Queue } from 'procloom';
import type { Driver, Ready } from './driver.js';
import { QueueHost, QueuePeer } from './procloom-queue.js';

class AsyncQueueHost extends QueueHost {
  override async sendObjects(objects: readonly object[]): Promise<void> {
    for (let i = 0; i < objects.length; i++) await this.there.put(objects[i]);
  }
}

class AsyncQueuePeer extends QueuePeer {
  override async receiveObjects(received: unknown[], count: number, ready: Ready): Promise<void> {
    await ready();
    for (let i = 0; i < count; i++) received.push(await this.there.get());
  }
}

export default {
  host: (context) => new AsyncQueueHost(context),
  peer: (_context, there: Queue<unknown>, back: Queue<Buffer>) => new AsyncQueuePeer(there, back),
} satisfies Driver;
