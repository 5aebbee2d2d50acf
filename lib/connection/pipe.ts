/** Pipe: two connections that lead to each other. */
import { native } from '../addon/loader.js';
import { statusError } from '../addon/status-error.js';
import { checkBoolean, checkInteger, checkOptions } from '../errors/arguments.js';
import { Connection } from './connection.js';

/** How a pipe is made. */
export interface PipeOptions {
  /** Whether both ends send and receive (default), or the first only receives and the second only sends. */
  duplex?: boolean;
  /** Bytes that are under way at most, each way, counting 8 for each message; a larger message passes alone. */
  capacity?: number;
}

/** A little less than 1 MiB, so that with its last record the ring is exactly that. */
const DEFAULT_CAPACITY = 1024 * 1024 - 64;
const MOST_CAPACITY = 2 ** 38;

/** Two ends of a ring of bytes in shared memory. What goes in at one comes out at the other. */
export function Pipe(options?: PipeOptions): [Connection, Connection] {
  const duplex = checkBoolean('duplex', checkOptions(options)?.duplex ?? true);
  const capacity = checkInteger('capacity', options?.capacity ?? DEFAULT_CAPACITY, 1, MOST_CAPACITY);
  const handles = native.pipeCreate(duplex, capacity);
  if (typeof handles === 'number') throw statusError(handles, `Pipe({ duplex: ${duplex}, capacity: ${capacity} })`);
  return [new Connection(handles[0]), new Connection(handles[1])];
}
