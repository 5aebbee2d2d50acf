/**
 * worker_threads: postMessage() with a transfer list. The sender still needs its bytes, so each message is copied into an
 * ArrayBuffer that is then given away: one copy where structured clone makes two, at the price of an allocation and of
 * bookkeeping for each message. Worth it for large messages.
 */
import type { Driver } from './driver.js';
import { WorkerHost, WorkerPeer } from './worker-threads.js';

class TransferHost extends WorkerHost {
  override prepareBytes(messages: Buffer[]): Buffer[] {
    return messages;
  }

  override sendBytes(messages: readonly Buffer[]): void {
    for (let i = 0; i < messages.length; i++) {
      const own = new Uint8Array(messages[i]);
      this.worker.postMessage(own, [own.buffer]);
    }
  }
}

export default {
  host: (context) => new TransferHost(context),
  peer: () => new WorkerPeer(),
} satisfies Driver;
