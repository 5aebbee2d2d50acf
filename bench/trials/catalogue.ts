/** Every trial, in the order of the table. */
import type { Trial } from './trial.js';

export const trials: readonly Trial[] = [
  { name: 'bytes-64', title: '64 B one way', job: { kind: 'bytes', messageBytes: 64 } },
  { name: 'bytes-1k', title: '1 KiB one way', job: { kind: 'bytes', messageBytes: 1024 } },
  { name: 'bytes-64k', title: '64 KiB one way', job: { kind: 'bytes', messageBytes: 64 * 1024 } },
  { name: 'bytes-1m', title: '1 MiB one way', job: { kind: 'bytes', messageBytes: 1024 * 1024 } },
  {
    name: 'bytes-64m',
    title: '64 MiB one way',
    job: { kind: 'large-bytes', messageBytes: 64 * 1024 * 1024 },
    inFullOnly: true,
  },
  { name: 'objects', title: 'package records one way', job: { kind: 'objects', records: 'packages' } },
  // Codecs are JavaScript, which each process compiles for itself.
  { name: 'small-object', title: 'small object one way', job: { kind: 'objects', records: 'small' }, timesAsLong: 3 },
  {
    name: 'small-object-4to1',
    title: 'the same by four producers',
    job: { kind: 'fan-in', records: 'small', producers: 4 },
    inFullOnly: true,
    timesAsLong: 10,
  },
  { name: 'round-trip', title: '64 B there and back', job: { kind: 'round-trip', messageBytes: 64 } },
  {
    name: 'round-trip-parked',
    title: 'the same every 5 ms',
    job: { kind: 'parked-round-trip', messageBytes: 64, everyMs: 5 },
    inFullOnly: true,
  },
  // What takes tens of nanoseconds, and what wakes a processor, changes with what else the machine does that second.
  { name: 'lock', title: 'lock: acquire + release', job: { kind: 'lock' }, timesAsLong: 3 },
  { name: 'increment', title: 'value += 1 under its lock', job: { kind: 'increment' } },
  { name: 'increment-2', title: 'the same by two processes', job: { kind: 'contended' } },
  {
    name: 'wake-thread',
    title: 'woken → a thread runs',
    job: { kind: 'wake-thread' },
    inFullOnly: true,
    timesAsLong: 3,
  },
  {
    name: 'wake-loop',
    title: 'woken → an event loop runs',
    job: { kind: 'wake-loop' },
    inFullOnly: true,
    timesAsLong: 3,
  },
  { name: 'wakes-in-turn', title: 'event loops wake each other', job: { kind: 'wakes-in-turn' }, inFullOnly: true },
  { name: 'death-thread', title: 'SIGKILL of a holder → a thread', job: { kind: 'death-thread' }, inFullOnly: true },
  { name: 'death-loop', title: 'SIGKILL of a holder → an event loop', job: { kind: 'death-loop' }, inFullOnly: true },
  { name: 'start-call', title: 'start: the call returns', job: { kind: 'start-call' }, inFullOnly: true },
  { name: 'start-line', title: 'start → its first line', job: { kind: 'start-line' }, inFullOnly: true },
  { name: 'start-end', title: 'start → its end is told', job: { kind: 'start-end' }, inFullOnly: true },
];
