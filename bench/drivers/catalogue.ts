/** Every driver, in the order of the table, with the verbs it uses for each job. */
import type { JobKind } from '../trials/trial.js';

export interface DriverEntry {
  /** As it is typed on the command line. */
  readonly name: string;
  readonly title: string;
  readonly runtime: 'node' | 'python';
  /** Where its module needs what only Linux has. */
  readonly linuxOnly?: boolean;
  /** Left out of the quick form, unless it is asked for by name. */
  readonly inFullOnly?: boolean;
  /** The trials that it takes part in, by their names, where those are not all of its jobs. */
  readonly trials?: readonly string[];
  /** The module beside this file, by its URL, or the name of one in python/ends/. */
  readonly module: string;
  /** The jobs it does, each with the way it goes. */
  readonly jobs: { readonly [Kind in JobKind]?: string };
}

/** Modules stay unloaded until a cell needs them: a library that is not built fails its own cells only. */
function beside(file: string): string {
  return new URL(file, import.meta.url).href;
}

/** Whoever starts something is measured until the call returns, until the first line runs, until the end is told. */
const starts = (how: string) => ({ 'start-call': how, 'start-line': how, 'start-end': how });

export const drivers: readonly DriverEntry[] = [
  {
    name: 'procloom-pipe',
    title: 'procloom Pipe',
    runtime: 'node',
    module: beside('./procloom-pipe.js'),
    jobs: {
      bytes: 'sendBytesSync → recvBytesIntoSync',
      'large-bytes': 'sendBytesSync → recvBytesIntoSync',
      objects: 'sendSync → recvSync',
      'round-trip': 'sendBytesSync, recvBytesIntoSync',
      'parked-round-trip': 'sendBytesSync, recvBytesIntoSync',
    },
  },
  {
    name: 'procloom-pipe-buffers',
    title: 'procloom Pipe, a Buffer each',
    runtime: 'node',
    module: beside('./procloom-pipe-buffers.js'),
    jobs: { bytes: 'sendBytesSync → recvBytesSync' },
    trials: ['bytes-64'],
  },
  {
    name: 'procloom-in-place',
    title: 'procloom Pipe, in place',
    runtime: 'node',
    module: beside('./procloom-in-place.js'),
    jobs: {
      bytes: 'reserveSync, filled, commit → borrowSync, compared',
      'large-bytes': 'reserveSync, filled, commit → borrowSync',
    },
    trials: ['bytes-1m', 'bytes-64m'],
  },
  {
    name: 'procloom-pipe-async',
    title: 'procloom Pipe, awaited',
    runtime: 'node',
    module: beside('./procloom-pipe-async.js'),
    jobs: {
      bytes: 'sendBytes → recvBytesInto',
      objects: 'send → recv',
      'round-trip': 'sendBytes, recvBytesInto',
      'parked-round-trip': 'sendBytes, recvBytesInto',
    },
  },
  {
    name: 'procloom-queue',
    title: 'procloom Queue',
    runtime: 'node',
    module: beside('./procloom-queue.js'),
    jobs: {
      bytes: 'putSync → getSync',
      objects: 'putSync → getSync',
      'fan-in': 'putSync in each process → getSync',
      'round-trip': 'putSync, getSync, two queues',
    },
  },
  {
    name: 'procloom-queue-async',
    title: 'procloom Queue, awaited',
    runtime: 'node',
    module: beside('./procloom-queue-async.js'),
    jobs: { objects: 'await put → await get' },
    trials: ['small-object'],
  },
  {
    name: 'procloom-codec',
    title: 'its codec alone',
    runtime: 'node',
    inFullOnly: true,
    module: beside('./procloom-codec.js'),
    jobs: { objects: 'encoded by one, decoded by the other, at once' },
    trials: ['small-object'],
  },
  {
    name: 'procloom-array',
    title: 'procloom SharedArray',
    runtime: 'node',
    module: beside('./procloom-array.js'),
    jobs: {
      bytes: 'written in place, blocks handed over by Semaphore',
      'round-trip': 'written in place, one message a block, two Semaphores each way',
    },
  },
  {
    name: 'procloom-lock',
    title: 'procloom Lock, Value',
    runtime: 'node',
    module: beside('./procloom-lock.js'),
    jobs: {
      lock: 'acquireSync, release',
      increment: 'getLock(): acquireSync, value += 1, release',
      contended: 'getLock(): acquireSync, value += 1, release',
    },
  },
  {
    name: 'procloom-lock-async',
    title: 'procloom Lock, awaited',
    runtime: 'node',
    module: beside('./procloom-lock-async.js'),
    jobs: { lock: 'await acquire, release' },
  },
  {
    name: 'procloom-event',
    title: 'procloom Event',
    runtime: 'node',
    linuxOnly: true,
    module: beside('./procloom-event.js'),
    jobs: {
      'wake-thread': 'set → waitSync',
      'wake-loop': 'set → await wait',
      'wakes-in-turn': 'set → await wait, clear, two events',
    },
  },
  {
    name: 'procloom-death',
    title: 'procloom Lock, its holder killed',
    runtime: 'node',
    linuxOnly: true,
    module: beside('./procloom-death.js'),
    jobs: { 'death-thread': 'SIGKILL → acquireSync', 'death-loop': 'SIGKILL → await acquire' },
  },
  {
    name: 'procloom-spawn',
    title: 'procloom Process, spawn',
    runtime: 'node',
    module: beside('./procloom-spawn.js'),
    jobs: starts('start, join'),
  },
  {
    name: 'procloom-forkserver',
    title: 'procloom Process, forkserver',
    runtime: 'node',
    module: beside('./procloom-forkserver.js'),
    jobs: starts('start, join, 200 ms after the one before'),
  },
  {
    name: 'procloom-thread',
    title: 'procloom Process, thread',
    runtime: 'node',
    module: beside('./procloom-thread.js'),
    jobs: starts('start, join'),
  },
  {
    name: 'raw-ring',
    title: 'a bare ring, a call for each message',
    runtime: 'node',
    linuxOnly: true,
    inFullOnly: true,
    module: beside('./raw-ring.js'),
    jobs: { bytes: 'put → get, both spin' },
    trials: ['bytes-64', 'bytes-1k', 'bytes-1m'],
  },
  {
    name: 'raw-ping-pong',
    title: 'a bare ping-pong, in C++',
    runtime: 'node',
    linuxOnly: true,
    inFullOnly: true,
    module: beside('./raw-ping-pong.js'),
    jobs: { 'round-trip': '64 B and a number written, seen by spinning' },
  },
  {
    name: 'memcpy',
    title: 'one memcpy',
    runtime: 'node',
    linuxOnly: true,
    inFullOnly: true,
    module: beside('./memcpy.js'),
    jobs: { bytes: 'copied once, into memory for all of them', 'large-bytes': 'copied once' },
    trials: ['bytes-1m', 'bytes-64m'],
  },
  {
    name: 'raw-futex',
    title: 'a futex, in C++',
    runtime: 'node',
    linuxOnly: true,
    module: beside('./raw-futex.js'),
    jobs: { 'wake-thread': 'FUTEX_WAKE → FUTEX_WAIT returns' },
  },
  {
    name: 'raw-futex-js',
    title: 'a futex, JavaScript to JavaScript',
    runtime: 'node',
    linuxOnly: true,
    module: beside('./raw-futex-js.js'),
    jobs: { 'wake-thread': 'a call that does FUTEX_WAKE → a call returns from FUTEX_WAIT' },
  },
  {
    name: 'raw-eventfd',
    title: 'an eventfd in uv_poll, in C++',
    runtime: 'node',
    linuxOnly: true,
    module: beside('./raw-eventfd.js'),
    jobs: { 'wake-loop': 'write → uv_poll calls C++' },
  },
  {
    name: 'raw-eventfd-js',
    title: 'an eventfd in uv_poll, JavaScript to JavaScript',
    runtime: 'node',
    linuxOnly: true,
    module: beside('./raw-eventfd-js.js'),
    jobs: {
      'wake-loop': 'a call that writes → uv_poll calls JavaScript',
      'wakes-in-turn': 'the same, two of them',
    },
  },
  {
    name: 'raw-futex-threadsafe',
    title: 'a futex thread, threadsafe function',
    runtime: 'node',
    linuxOnly: true,
    module: beside('./raw-futex-threadsafe.js'),
    jobs: {
      'wake-loop': 'FUTEX_WAKE → a thread → napi_call_threadsafe_function → JavaScript',
      'wakes-in-turn': 'the same, two of them',
    },
  },
  {
    name: 'child-process-json',
    title: "child_process 'json'",
    runtime: 'node',
    module: beside('./child-process-json.js'),
    jobs: {
      bytes: 'send → message, bytes as base64 strings',
      objects: 'send → message',
      'round-trip': 'send, message, bytes as base64 strings',
    },
  },
  {
    name: 'child-process-advanced',
    title: "child_process 'advanced'",
    runtime: 'node',
    module: beside('./child-process-advanced.js'),
    jobs: {
      bytes: 'send → message',
      objects: 'send → message',
      'round-trip': 'send, message',
      'parked-round-trip': 'send, message',
    },
  },
  {
    name: 'worker-threads',
    title: 'worker_threads',
    runtime: 'node',
    module: beside('./worker-threads.js'),
    jobs: {
      bytes: 'postMessage → message, structured clone',
      'large-bytes': 'postMessage → message, structured clone',
      objects: 'postMessage → message, structured clone',
      'round-trip': 'postMessage, message',
      'parked-round-trip': 'postMessage, message',
    },
  },
  {
    name: 'worker-transfer',
    title: 'worker_threads, transfer',
    runtime: 'node',
    module: beside('./worker-transfer.js'),
    jobs: { bytes: 'copy, postMessage with transfer list → message' },
  },
  {
    name: 'child-process-fork',
    title: 'child_process.fork',
    runtime: 'node',
    module: beside('./child-process-fork.js'),
    jobs: starts('fork, exit'),
  },
  {
    name: 'worker-start',
    title: 'a Worker',
    runtime: 'node',
    module: beside('./worker-start.js'),
    jobs: starts('new Worker, exit'),
  },
  {
    name: 'unix-socket',
    title: 'unix-domain socket',
    runtime: 'node',
    module: beside('./unix-socket.js'),
    jobs: {
      bytes: 'write → onread, length before each message, small ones share a write',
      'large-bytes': 'write → onread, length before each message',
      objects: 'write → onread, JSON, length before each message',
      'round-trip': 'write, read, length before each message',
      'parked-round-trip': 'write, read, length before each message',
    },
  },
  {
    name: 'python-pipe',
    title: 'Python Pipe',
    runtime: 'python',
    module: 'pipe',
    jobs: {
      bytes: 'send_bytes → recv_bytes',
      'large-bytes': 'send_bytes → recv_bytes',
      objects: 'send → recv',
      'round-trip': 'send_bytes, recv_bytes',
      'parked-round-trip': 'send_bytes, recv_bytes',
    },
  },
  {
    name: 'python-queue',
    title: 'Python Queue',
    runtime: 'python',
    module: 'queue',
    jobs: { bytes: 'put → get', objects: 'put → get', 'round-trip': 'put, get, two queues' },
  },
  {
    name: 'python-lock',
    title: 'Python Lock, Value',
    runtime: 'python',
    module: 'lock',
    jobs: {
      lock: 'acquire, release',
      increment: 'with get_lock(): value += 1',
      contended: 'with get_lock(): value += 1',
    },
  },
  {
    name: 'python-event',
    title: 'Python Event',
    runtime: 'python',
    linuxOnly: true,
    module: 'event',
    jobs: { 'wake-thread': 'set → wait' },
  },
];
