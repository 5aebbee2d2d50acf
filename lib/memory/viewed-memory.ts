/**
 * Memory that somebody has seen as an ArrayBuffer: views of it travel as views of the same memory, which they keep.
 *
 *   view ──▶ ArrayBuffer ─ ─(codec's weak map)─ ─▶ ViewedMemory ──▶ an opening of the handle
 *
 * The opening is one of its own, beside that of the object whose memory it is. So a view can still be sent after that was
 * closed, and one that has arrived needs no such object at all. It is given up when nobody can reach the buffer any more.
 */
import { markAsUntransferable } from 'node:worker_threads';

import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { memoryOrThrow, orThrow } from '../addon/status-error.js';
import { ownerOfBuffer, registerShareable, registerSharedBuffer } from '../serialize/shareables.js';
import { OpenObject, openReference } from './shared-object.js';

/** @internal The memory of a handle; the same buffer for all objects of this thread that lie over it. */
export function bufferOf(handle: Handle, asked: string): ArrayBuffer {
  return memoryOrThrow(native.memoryBuffer(handle), asked);
}

/** @internal */
export class ViewedMemory extends OpenObject {
  readonly buffer: ArrayBuffer;

  constructor(handle: Handle, buffer: ArrayBuffer) {
    super(handle);
    this.buffer = buffer;
  }

  /** Takes over one opening of the handle. */
  static over(handle: Handle, buffer: ArrayBuffer): ViewedMemory {
    const memory = new ViewedMemory(handle, buffer);
    registerSharedBuffer(buffer, memory);
    // Transferring it would take the memory away from all who have it; without that, it is copied.
    markAsUntransferable(buffer);
    return memory;
  }

  /** Does nothing: others may have views of the same buffer. */
  override close(): void {}
}

/** @internal Makes views of the handle's memory Shareable, also after the handle was closed. */
export function keepForViews(handle: Handle, buffer: ArrayBuffer): void {
  if (ownerOfBuffer(buffer) !== undefined) return;
  orThrow(native.retain(handle), 'the memory of a view');
  ViewedMemory.over(handle, buffer);
}

registerShareable(ViewedMemory, {
  kind: 'Memory',
  describe: (memory: ViewedMemory) => memory.reference(),
  revive(reference: string) {
    const handle = openReference(reference, native.kind.ARRAY);
    const buffer = bufferOf(handle, 'receiving a view of shared memory');
    const known = ownerOfBuffer(buffer);
    if (known === undefined) return ViewedMemory.over(handle, buffer);
    native.close(handle); // it has an opening of its own
    return known as ViewedMemory;
  },
  buffer: (memory: ViewedMemory) => memory.buffer,
});
