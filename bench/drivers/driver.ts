/**
 * What a driver is: one way to get data from a process to another, as the two ends of a cell.
 *
 * The host end stands in the cell's first process, opens the transport and starts the second process (or thread), in
 * which the peer end stands. A driver has the methods of the jobs that it names in the catalogue. Hot loops stand in
 * the drivers themselves, so that nothing of the benchmark runs between two messages.
 */
import type { Job } from '../trials/trial.js';
import type { Landing } from '../verify/landing.js';

export interface Context {
  readonly job: Job;
  /** Text from which the second process learns what to do; handed to runPeer() there. */
  readonly peerSpec: string;
  /** A path for a socket of the driver's own, removed after the run. */
  readonly socketPath: string;
}

export type Done = void | Promise<void>;

/** Of one start, by nowNs(): when it was asked for, when the call returned, when the first line ran, when the end was told. */
export interface StartTimes {
  startedNs: number;
  calledNs: number;
  lineNs: number;
  endedNs: number;
}

/** The end that sends, asks first, and holds the clock. */
export interface Host {
  /** Turns messages into what this driver's user would have in hand; not timed. */
  prepareBytes?(messages: Buffer[]): Buffer[];
  sendBytes?(messages: readonly Buffer[]): Done;
  /** Gives each of so many producers, of which this process is one, its part of a lap of objects; not timed. */
  shareOut?(objects: readonly object[], producers: number): Done;
  /** Has all producers send what they were given. */
  sendShares?(): Done;
  /** Whatever has to be done with the objects of a lap before the clock starts. */
  prepareObjects?(objects: readonly object[]): Done;
  sendObjects?(objects: readonly object[]): Done;
  /** One round trip after the other; the time of each, in nanoseconds, goes to `samples`, what came back to `landing`. */
  ping?(messages: readonly Buffer[], samples: Float64Array, landing: Landing): Done;
  acquireRelease?(count: number): Done;
  increment?(count: number): Done;
  /** The value that increment() counted up. */
  total?(): number;
  /** Makes what so many wakes need; not timed. */
  prepareWakes?(count: number): Done;
  /**
   * Wakes the peer so many times, each time when it sleeps (see sleeper.ts). When each wake began goes to `wakingNs`,
   * by nowNs().
   */
  wake?(count: number, wakingNs: Float64Array): Done;
  /** Wakes the peer and is woken by it, as often as there are samples: the time of each turn, in nanoseconds. */
  wakeInTurn?(samples: Float64Array): Done;
  /** Whatever a start needs to be ready; not timed. */
  beforeStart?(): Done;
  /** Starts a process or a thread that does next to nothing, and waits for its end. */
  startOne?(): Promise<StartTimes>;
  /** Ends the transport and the second process, and waits for its end. */
  close(): Done;
}

/** Tells the host that it may begin: called when whatever has to listen does, awaited before a thread blocks. */
export type Ready = () => Promise<void>;

/** The end that receives. */
export interface Peer {
  receiveBytes?(landing: Landing, count: number, ready: Ready): Done;
  receiveObjects?(received: unknown[], count: number, ready: Ready): Done;
  /** When the clock of a lap of bytes has stopped, for what is still held where it lies. */
  afterLap?(landing: Landing): Done;
  echo?(count: number, ready: Ready): Done;
  increment?(count: number, ready: Ready): Done;
  /** Is woken so many times; when it ran goes to `wokenNs`, by nowNs(). */
  beWoken?(count: number, wokenNs: Float64Array, ready: Ready): Done;
  /** Wakes whoever wakes it, so many times. */
  answerWakes?(count: number, ready: Ready): Done;
  /** Messages that arrived and were not asked for: 0 where every message came once. */
  extra(): number | Promise<number>;
  close(): Done;
}

/** The default export of a driver's module. `transport` is what the driver itself handed to the second process. */
export interface Driver {
  host(context: Context): Host | Promise<Host>;
  peer(context: Context, ...transport: never[]): Peer | Promise<Peer>;
}
