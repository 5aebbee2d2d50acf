/**
 * procloom's Pipe without a copy of its own: reserveSync → filled → commit → borrowSync. The sender fills each place from
 * the file, which is the one copy there is; the receiver compares each message with the file where it lies, before it gives
 * the place back: the last one of a lap when the clock has stopped, for by then it has it.
 */
import type { Borrowed, Connection } from 'procloom';
import type { Landing } from '../verify/landing.js';
import type { Driver, Ready } from './driver.js';
import { PipeHost, PipePeer } from './procloom-pipe.js';

class InPlaceHost extends PipeHost {
  override sendBytes(messages: readonly Buffer[]): void {
    const { connection } = this;
    for (let i = 0; i < messages.length; i++) {
      const place = connection.reserveSync(messages[i].length);
      place.bytes.set(messages[i]);
      place.commit();
    }
  }
}

class InPlacePeer extends PipePeer {
  private last: Borrowed | undefined;

  override async receiveBytes(landing: Landing, count: number, ready: Ready): Promise<void> {
    await ready();
    const { connection } = this;
    for (let i = 1; i < count; i++) {
      const loan = connection.borrowSync();
      landing.look(loan.bytes);
      loan[Symbol.dispose]();
    }
    this.last = connection.borrowSync();
  }

  afterLap(landing: Landing): void {
    if (!this.last) return;
    landing.look(this.last.bytes);
    this.last[Symbol.dispose]();
    this.last = undefined;
  }
}

export default {
  host: (context) => new InPlaceHost(context),
  peer: (_context, connection: Connection) => new InPlacePeer(connection),
} satisfies Driver;
