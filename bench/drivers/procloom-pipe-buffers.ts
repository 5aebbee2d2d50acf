/** procloom's Pipe: sendBytesSync → recvBytesSync, which gives a Buffer for each message. */
import type { Connection } from 'procloom';
import type { Landing } from '../verify/landing.js';
import type { Driver, Ready } from './driver.js';
import { PipeHost, PipePeer } from './procloom-pipe.js';

class BuffersPeer extends PipePeer {
  override async receiveBytes(landing: Landing, count: number, ready: Ready): Promise<void> {
    await ready();
    for (let i = 0; i < count; i++) landing.keep(this.connection.recvBytesSync());
  }
}

export default {
  host: (context) => new PipeHost(context),
  peer: (_context, connection: Connection) => new BuffersPeer(connection),
} satisfies Driver;
