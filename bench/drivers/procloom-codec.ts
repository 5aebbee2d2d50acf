/**
 * procloom's codec alone: one process encodes the objects of a lap, the other decodes what was encoded of them before, both
 * at once, and nothing goes from one to the other while the clock runs. The lap has ended when both are done: a queue whose
 * two ends cost nothing beside the codec would be as fast.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Queue, Semaphore, type Process } from 'procloom';
import { projectRoot } from '../data/root.js';
import type { Context, Driver, Host, Peer, Ready } from './driver.js';
import { joinPeer, startPeer } from './procloom-peer.js';

/** lib/serialize/codec.ts, which the package does not export. */
interface Codec {
  encode(value: unknown, scratch: Buffer): { codec: number; buffer: Buffer; end: number };
  decode(codec: number, buffer: Buffer, start: number, end: number, opened?: object[]): unknown;
}

const { encode, decode } = (await import(
  pathToFileURL(join(projectRoot, 'dist/serialize/codec.js')).href
)) as unknown as Codec;

const SCRATCH_BYTES = 64 * 1024;

/** A lap's objects, encoded. */
interface EncodedLap {
  bytes: Buffer;
  codecs: Uint8Array;
  ends: Uint32Array;
}

function encodeLap(objects: readonly object[], scratch: Buffer): EncodedLap {
  const parts: Buffer[] = [];
  const codecs = new Uint8Array(objects.length);
  const ends = new Uint32Array(objects.length);
  let end = 0;
  objects.forEach((object, i) => {
    const encoded = encode(object, scratch);
    const part = Buffer.from(encoded.buffer.subarray(0, encoded.end));
    parts.push(part);
    codecs[i] = encoded.codec;
    ends[i] = end += part.length;
  });
  return { bytes: Buffer.concat(parts), codecs, ends };
}

class CodecHost implements Host {
  private readonly scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  private readonly laps = new Queue<EncodedLap>();
  private readonly encoded = new Semaphore(0);
  private readonly child: Process;

  constructor(context: Context) {
    this.child = startPeer(context, this.laps, this.encoded);
  }

  prepareObjects(objects: readonly object[]): void {
    this.laps.putSync(encodeLap(objects, this.scratch));
  }

  sendObjects(objects: readonly object[]): void {
    const { scratch } = this;
    for (let i = 0; i < objects.length; i++) encode(objects[i], scratch);
    this.encoded.release();
  }

  async close(): Promise<void> {
    await joinPeer(this.child);
    this.laps.close();
    this.encoded.close();
  }
}

class CodecPeer implements Peer {
  private readonly laps: Queue<EncodedLap>;
  private readonly encoded: Semaphore;

  constructor(laps: Queue<EncodedLap>, encoded: Semaphore) {
    this.laps = laps;
    this.encoded = encoded;
  }

  async receiveObjects(received: unknown[], count: number, ready: Ready): Promise<void> {
    const { bytes, codecs, ends } = this.laps.getSync();
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    await ready();
    let start = 0;
    for (let i = 0; i < count; i++) {
      received.push(decode(codecs[i], buffer, start, ends[i]));
      start = ends[i];
    }
    this.encoded.acquireSync();
  }

  extra(): number {
    return this.laps.qsize();
  }

  close(): void {
    this.laps.close();
    this.encoded.close();
  }
}

export default {
  host: (context) => new CodecHost(context),
  peer: (_context, laps: Queue<EncodedLap>, encoded: Semaphore) => new CodecPeer(laps, encoded),
} satisfies Driver;
