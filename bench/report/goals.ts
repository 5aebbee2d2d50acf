/** What procloom sets out to reach: ratios between drivers of one run, or times that nothing else can be compared with. */

/** What is measured by it, and how far it is to come. */
export type Goal = { readonly trial: string; readonly driver: string; readonly text: string } & Measure;

type Measure =
  /** So many times as good as the base, or more. */
  | (Compared & { readonly atLeast: number })
  /** So many times the time of the base, or less. */
  | (Compared & { readonly atMost: number })
  /** Of all its samples 99 in 100 within so many nanoseconds. */
  | { readonly p99Within: number };

/** With a driver of the same trial, or of another one. */
interface Compared {
  readonly base: string;
  readonly baseTrial?: string;
}

export const goals: readonly Goal[] = [
  {
    trial: 'bytes-64',
    driver: 'procloom-pipe',
    base: 'python-pipe',
    atLeast: 20,
    text: "Pipe, 64 B one way, to Python's send_bytes",
  },
  {
    trial: 'bytes-64',
    driver: 'procloom-pipe',
    base: 'child-process-advanced',
    atLeast: 80,
    text: "Pipe, 64 B one way, to child_process 'advanced'",
  },
  {
    trial: 'bytes-64',
    driver: 'procloom-pipe',
    base: 'raw-ring',
    atLeast: 0.5,
    text: 'Pipe, 64 B one way, to a bare ring',
  },
  {
    trial: 'bytes-64',
    driver: 'procloom-pipe-buffers',
    base: 'python-pipe',
    atLeast: 10,
    text: "Pipe, 64 B one way, a Buffer each, to Python's send_bytes",
  },
  {
    trial: 'bytes-1k',
    driver: 'procloom-pipe',
    base: 'python-pipe',
    atLeast: 10,
    text: "Pipe, 1 KiB one way, to Python's send_bytes",
  },
  {
    trial: 'bytes-1k',
    driver: 'procloom-pipe',
    base: 'worker-threads',
    atLeast: 8,
    text: 'Pipe, 1 KiB one way, to worker_threads postMessage',
  },
  {
    trial: 'bytes-1k',
    driver: 'procloom-pipe',
    base: 'unix-socket',
    atLeast: 10,
    text: 'Pipe, 1 KiB one way, to a unix-domain socket',
  },
  {
    trial: 'bytes-1m',
    driver: 'procloom-pipe',
    base: 'worker-threads',
    atLeast: 3,
    text: 'Pipe, 1 MiB one way, to worker_threads postMessage',
  },
  {
    trial: 'bytes-1m',
    driver: 'procloom-pipe',
    base: 'child-process-advanced',
    atLeast: 20,
    text: "Pipe, 1 MiB one way, to child_process 'advanced'",
  },
  {
    trial: 'bytes-1m',
    driver: 'procloom-pipe',
    base: 'memcpy',
    atLeast: 0.6,
    text: 'Pipe, 1 MiB one way, to one memcpy',
  },
  {
    trial: 'bytes-1m',
    driver: 'procloom-in-place',
    base: 'memcpy',
    atLeast: 0.9,
    text: 'Pipe, 1 MiB in place, to one memcpy',
  },
  {
    trial: 'bytes-64m',
    driver: 'procloom-in-place',
    base: 'procloom-in-place',
    baseTrial: 'bytes-1m',
    atLeast: 1,
    text: 'Pipe, 64 MiB in place, to 1 MiB in place, GB/s',
  },
  {
    trial: 'small-object',
    driver: 'procloom-queue',
    base: 'python-queue',
    atLeast: 9,
    text: "Queue, small object, to Python's Queue",
  },
  {
    trial: 'small-object',
    driver: 'procloom-queue',
    base: 'worker-threads',
    atLeast: 2.7,
    text: 'Queue, small object, to worker_threads postMessage',
  },
  {
    trial: 'small-object',
    driver: 'procloom-queue',
    base: 'child-process-json',
    atLeast: 5,
    text: "Queue, small object, to child_process 'json'",
  },
  {
    trial: 'small-object',
    driver: 'procloom-queue',
    base: 'procloom-codec',
    atLeast: 0.8,
    text: 'Queue, small object, to its codec alone',
  },
  {
    trial: 'small-object',
    driver: 'procloom-queue-async',
    base: 'python-queue',
    atLeast: 4,
    text: "Queue, small object, awaited, to Python's Queue",
  },
  {
    trial: 'small-object',
    driver: 'procloom-queue-async',
    base: 'worker-threads',
    atLeast: 1.5,
    text: 'Queue, small object, awaited, to worker_threads postMessage',
  },
  {
    trial: 'small-object-4to1',
    driver: 'procloom-queue',
    base: 'procloom-queue',
    baseTrial: 'small-object',
    atLeast: 0.6,
    text: 'Queue, small object, from four producers, to from one',
  },
  {
    trial: 'lock',
    driver: 'procloom-lock',
    base: 'python-lock',
    atLeast: 2,
    text: "Lock, acquire + release, to Python's Lock",
  },
  {
    trial: 'lock',
    driver: 'procloom-lock-async',
    base: 'procloom-lock',
    atMost: 15,
    text: 'Lock, await acquire + release, to the blocking pair',
  },
  {
    trial: 'increment',
    driver: 'procloom-lock',
    base: 'python-lock',
    atLeast: 8,
    text: "Value += 1 under its lock, to Python's",
  },
  {
    trial: 'increment-2',
    driver: 'procloom-lock',
    base: 'python-lock',
    atLeast: 3,
    text: "Value += 1 by two processes, to Python's",
  },
  {
    trial: 'round-trip',
    driver: 'procloom-pipe',
    base: 'worker-threads',
    atLeast: 20,
    text: "Pipe, 64 B there and back, p50, to worker_threads'",
  },
  {
    trial: 'round-trip',
    driver: 'procloom-pipe',
    base: 'raw-ping-pong',
    atMost: 5,
    text: 'Pipe, 64 B there and back, p50, to a bare ping-pong',
  },
  {
    trial: 'round-trip',
    driver: 'procloom-pipe-async',
    base: 'worker-threads',
    atLeast: 2,
    text: "Pipe, 64 B there and back, awaited, p50, to worker_threads'",
  },
  {
    trial: 'round-trip',
    driver: 'procloom-pipe-async',
    base: 'child-process-advanced',
    atLeast: 3,
    text: "Pipe, 64 B there and back, awaited, p50, to child_process'",
  },
  {
    trial: 'round-trip-parked',
    driver: 'procloom-pipe-async',
    base: 'worker-threads',
    atLeast: 1,
    text: "Pipe, 64 B there and back every 5 ms, awaited, p50, to worker_threads'",
  },
  {
    trial: 'wake-thread',
    driver: 'procloom-event',
    base: 'raw-futex',
    atMost: 1.2,
    text: 'Event.set → a thread runs, p50, to a raw futex',
  },
  {
    trial: 'wake-loop',
    driver: 'procloom-event',
    base: 'raw-eventfd',
    atMost: 1.3,
    text: 'Event.set → an event loop runs, p50, to a raw eventfd',
  },
  {
    trial: 'wake-loop',
    driver: 'procloom-event',
    base: 'raw-futex-threadsafe',
    atLeast: 1.5,
    text: 'Event.set → an event loop runs, p50, to a futex thread',
  },
  {
    trial: 'wakes-in-turn',
    driver: 'procloom-event',
    base: 'raw-futex-threadsafe',
    atLeast: 1.5,
    text: 'Event.set and back, event loops in turn, p50, to futex threads',
  },
  {
    trial: 'death-thread',
    driver: 'procloom-death',
    p99Within: 5e6,
    text: 'SIGKILL of a holder → a thread runs, p99',
  },
  {
    trial: 'death-loop',
    driver: 'procloom-death',
    p99Within: 5e6,
    text: 'SIGKILL of a holder → an event loop runs, p99',
  },
  {
    trial: 'start-call',
    driver: 'procloom-spawn',
    base: 'child-process-fork',
    atMost: 1,
    text: 'Process.start() by spawn, the call, to child_process.fork()',
  },
  {
    trial: 'start-end',
    driver: 'procloom-spawn',
    base: 'child-process-fork',
    atMost: 1.15,
    text: 'Process by spawn, start → joined, to child_process.fork',
  },
  {
    trial: 'start-line',
    driver: 'procloom-forkserver',
    base: 'procloom-spawn',
    atMost: 0.2,
    text: 'Process by forkserver, start → first line, to spawn',
  },
  {
    trial: 'start-end',
    driver: 'procloom-thread',
    base: 'worker-start',
    atMost: 1.3,
    text: 'Process by thread, start → joined, to a bare Worker',
  },
];
