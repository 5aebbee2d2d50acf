/**
 * Messages of pipes and queues: values into bytes and into the ring, and back.
 *
 *   put:   value ── encode ──▶ scratch ── addon.put ──▶ ring         (with large memory from where it lies)
 *   take:  ring ── addon.get ──▶ scratch ── decode ──▶ value         (longer ones are decoded where they lie)
 *
 * References to shared objects in a value are counted as being on their way from before it is put until it is decoded
 * over there: their sender may close them at once.
 */
import { native } from '../addon/loader.js';
import { type Handle, HOLDS_REFERENCES } from '../addon/native.js';
import { CODEC, HANDLE, quick, SIZE, WAITS } from '../addon/quick.js';
import { scratch } from '../addon/scratch.js';
import { TIMEOUT, TOO_LONG } from '../addon/status-error.js';
import { createError } from '../errors/codes.js';
import '../handle/handles.js';
import type { OpenObject } from '../memory/shared-object.js';
import { decode, type Encoded, encode, flat, isEncoding, letGo } from '../serialize/codec.js';

const { put, putBytes, putParts, get, getBytes, peek, borrow, borrowedCodec, borrowReturn, flightBegin, flightEnd } =
  native;

/** `size * 16 + codec`, as the addon describes a message. */
const sizeOf = (described: number) => Math.floor(described / 16);
const codecOf = (described: number) => described % 16;

/** Encodes and puts; a status. Throws SerializeError before anything was put. */
export function putValue(handle: Handle, value: unknown, timeoutMs: number): number {
  const encoded = encode(value, scratch);
  if (encoded.shareables !== undefined) return putWithReferences(handle, encoded, timeoutMs);
  const { buffer, end, codec, parts } = encoded;
  if (buffer === scratch && parts === undefined && timeoutMs <= 0) {
    quick[HANDLE] = handle;
    quick[WAITS] = timeoutMs === 0 ? 0 : 1;
    quick[SIZE] = end;
    quick[CODEC] = codec;
    return put() ?? 0;
  }
  letGo(encoded);
  return putPieces(handle, buffer, end, parts, codec, timeoutMs);
}

/** buffer[0, end) with the parts of the value between, if there are any. */
function putPieces(
  handle: Handle,
  buffer: Buffer,
  end: number,
  parts: Encoded['parts'],
  codec: number,
  timeoutMs: number,
): number {
  if (parts === undefined) return putBytes(handle, buffer, 0, end, codec, timeoutMs);
  return putParts(handle, buffer, end, parts.bytes, parts.positions, codec, timeoutMs);
}

function putWithReferences(handle: Handle, encoded: Encoded, timeoutMs: number): number {
  const flights = (encoded.shareables as OpenObject[]).map((shareable) => shareable.handle);
  const { buffer, end, codec, parts } = encoded;
  letGo(encoded);
  return inFlight(flights, handle, () => putPieces(handle, buffer, end, parts, codec | HOLDS_REFERENCES, timeoutMs));
}

/** Puts with those objects counted as being on their way; what was put is counted down over there. */
function inFlight(handles: Handle[], carrier: Handle, putIt: () => number): number {
  for (const held of handles) flightBegin(held, carrier);
  const status = putIt();
  if (status < 0) for (const held of handles) flightEnd(held);
  return status;
}

/** A value that could not be put at once: in memory of its own, its objects kept open, until it can. */
export class ParkedMessage {
  readonly #bytes: Buffer;
  readonly #codec: number;
  readonly #retained: Handle[];

  constructor(value: unknown) {
    const encoded = encode(value, scratch);
    this.#bytes = flat(encoded);
    this.#retained = (encoded.shareables ?? []).map((shareable) => (shareable as OpenObject).handle);
    this.#codec = this.#retained.length === 0 ? encoded.codec : encoded.codec | HOLDS_REFERENCES;
    letGo(encoded);
    for (const handle of this.#retained) native.retain(handle);
  }

  /** Puts it, or tries to (0, the default); a status. */
  put(handle: Handle, timeoutMs: number = 0): number {
    return inFlight(this.#retained, handle, () =>
      putBytes(handle, this.#bytes, 0, this.#bytes.length, this.#codec, timeoutMs),
    );
  }

  /** Call it once, when it was put or will not be. */
  forget(): void {
    for (const held of this.#retained.splice(0)) native.close(held);
  }
}

/** What takeValue gives when there is no value: the status is then in `takeStatus`. */
export const NOTHING: unique symbol = Symbol('nothing');
/** The status of the last takeValue that gave NOTHING. */
export let takeStatus = 0;

const opened: object[] = [];

/** The next value, or NOTHING. */
export function takeValue(handle: Handle, timeoutMs: number): unknown {
  const into = isEncoding() ? Buffer.allocUnsafeSlow(scratch.length) : scratch;
  const isQuick = timeoutMs <= 0 && into === scratch;
  const status = isQuick ? getQuickly(handle, timeoutMs) : getInto(handle, into, timeoutMs);
  if (status === undefined) return decodeMessage(quick[CODEC]!, quick[SIZE]!, into);
  if (status === TOO_LONG) return takeLongValue(handle, timeoutMs);
  takeStatus = status;
  return NOTHING;
}

function getQuickly(handle: Handle, timeoutMs: number): number | undefined {
  quick[HANDLE] = handle;
  quick[WAITS] = timeoutMs === 0 ? 0 : 1;
  return get();
}

function getInto(handle: Handle, buffer: Buffer, timeoutMs: number): number | undefined {
  const described = getBytes(handle, buffer, 0, true, timeoutMs);
  if (described < 0) return described;
  quick[SIZE] = sizeOf(described);
  quick[CODEC] = codecOf(described);
  return undefined;
}

function decodeMessage(codec: number, size: number, buffer: Buffer): unknown {
  try {
    return decode(codec & ~HOLDS_REFERENCES, buffer, 0, size, opened);
  } finally {
    if (opened.length !== 0) {
      for (const object of opened as OpenObject[]) flightEnd(object.handle);
      opened.length = 0;
    }
  }
}

/** Lets go of what a message refers to that nobody will get. */
export function dropMessage(codec: number, bytes: Buffer): void {
  const refused: object[] = [];
  try {
    decode(codec & ~HOLDS_REFERENCES, bytes, 0, bytes.length, refused);
  } catch {
    // What could be opened is let go; the rest is gone already.
  }
  for (const object of refused as OpenObject[]) {
    flightEnd(object.handle);
    object.close();
  }
}

/** Read where it lies, so that its parts are copied once: into the value. */
function takeLongValue(handle: Handle, timeoutMs: number): unknown {
  const place = borrow(handle, true, timeoutMs);
  if (typeof place === 'number') {
    takeStatus = place;
    return NOTHING;
  }
  let consumed = true;
  try {
    return decodeMessage(borrowedCodec(handle), place.byteLength, Buffer.from(place));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    consumed = false;
    throw noMemory(place.byteLength, error);
  } finally {
    borrowReturn(handle, place, consumed);
  }
}

/** The next message of bytes, whatever its size, in a buffer of its own; or a status. */
export function takeLong(handle: Handle, timeoutMs: number): Buffer | number {
  const deadline = timeoutMs > 0 ? performance.now() + timeoutMs : 0;
  for (;;) {
    const rest = timeoutMs > 0 ? Math.max(0, deadline - performance.now()) : timeoutMs;
    const next = peek(handle, rest);
    if (next < 0) return next;
    const bytes = memoryFor(sizeOf(next));
    const taken = getBytes(handle, bytes, 0, false, 0);
    // Somebody else may have taken that message between the two calls, and the next one be longer, or none be there.
    if (taken === TOO_LONG || (taken === TIMEOUT && rest !== 0)) continue;
    if (taken < 0) return taken;
    const size = sizeOf(taken);
    return size === bytes.length ? bytes : bytes.subarray(0, size);
  }
}

function memoryFor(size: number): Buffer {
  try {
    return Buffer.allocUnsafeSlow(size);
  } catch (cause) {
    throw noMemory(size, cause as Error);
  }
}

function noMemory(size: number, cause: Error): Error {
  return createError('ERR_PROCLOOM_SYSTEM', `receiving a message of ${size} bytes`, {
    why: `this process has no memory for so much: ${cause.message}`,
    remedy: 'The message stays where it is, for a process that has.',
    cause,
  });
}

/** Messages up to this size share a slab; a slice of it keeps it alive. */
const SLICE_BYTES = 4096;
const SLAB_BYTES = 64 * 1024;
let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
let slabUsed = 0;

/** The next message of bytes as a Buffer of its own, or a status (NOT_BYTES for a value, which stays). */
export function takeBytes(handle: Handle, timeoutMs: number): Buffer | number {
  const described = getBytes(handle, slab, slabUsed, false, timeoutMs);
  if (described === TOO_LONG) return takeLong(handle, timeoutMs);
  if (described < 0) return described;
  const size = sizeOf(described);
  const bytes = slab.subarray(slabUsed, slabUsed + size);
  slabUsed += (size + 7) & ~7;
  if (slabUsed > SLAB_BYTES - SLICE_BYTES) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    slabUsed = 0;
  }
  return bytes;
}
