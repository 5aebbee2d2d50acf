/** A job as the parent has it: see job.ts. */
import { native } from '../addon/loader.js';
import { OPEN_CREATE, type Handle } from '../addon/native.js';
import { orThrow } from '../addon/status-error.js';
import { orDescriptor } from '../handle/dup-fd.js';
import '../handle/handles.js';
import type { OpenObject } from '../memory/shared-object.js';
import { encode, flat, letGo } from '../serialize/codec.js';
import { shareableKindOf } from '../serialize/shareables.js';
import { type JobBody, type JobHead, PREFIX_BYTES, TAKEN } from './job.js';
import { ReceivedBody } from './received-body.js';

/** The system takes no variable longer than 128 KiB. */
const LONGEST_TEXT = 64 * 1024;
const scratch = Buffer.allocUnsafeSlow(4096);

/** A job as start methods have it. */
export interface JobText {
  /** What the child is to be given: see job.ts. */
  readonly text: string;
}

export class SentJob implements JobText {
  readonly text: string;
  #head: Handle | undefined;
  #body: Handle | undefined;
  #reference = '';
  #taken: Uint32Array | undefined;

  /** @throws SerializeError for a value that cannot travel; SegmentError when there is no memory for it */
  constructor(head: JobHead, body: JobBody) {
    const asked = `start of ${head.name}`;
    const plain = body.kwargs === undefined && body.fields === undefined && body.args.every(isExactInJson);
    const kinds = plain ? [] : this.#writeBody(body, asked);
    const text = JSON.stringify(
      plain ? { ...head, args: body.args } : { ...head, body: { reference: this.#reference, kinds } },
    );
    if (text.length <= LONGEST_TEXT) {
      this.text = text;
      return;
    }
    const bytes = Buffer.from(text);
    this.#head = createMemory(bytes, asked);
    this.text = `#${native.reference(this.#head)}`;
  }

  #writeBody(body: JobBody, asked: string): string[] {
    const encoded = encode({ ...body, args: body.args.map(orDescriptor) }, scratch);
    const { codec, shareables = [] } = encoded;
    const bytes = flat(encoded, PREFIX_BYTES);
    letGo(encoded);
    new Uint32Array(bytes.buffer, bytes.byteOffset, PREFIX_BYTES / 4).set([0, codec, bytes.length - PREFIX_BYTES]);
    this.#body = createMemory(bytes, asked);
    this.#taken = new Uint32Array(native.memoryBuffer(this.#body) as ArrayBuffer, 0, PREFIX_BYTES / 4);
    this.#reference = native.reference(this.#body) as string;
    for (const object of shareables as OpenObject[]) native.flightBegin(object.handle, this.#body);
    return [...new Set(shareables.map((object) => shareableKindOf(object)!.kind))];
  }

  /** Whether the child has everything that was for it; the memory is given back then. */
  get arrived(): boolean {
    if (this.#body === undefined) return this.#head === undefined;
    if (this.#taken![TAKEN] === 0) return false;
    this.#close();
    return true;
  }

  /** Lets go of what the child did not take over: it is dead. */
  abandon(): void {
    if (this.arrived) return;
    // The sender may have closed its objects since, so they are opened as the child would have done.
    if (this.#body !== undefined) new ReceivedBody(this.#reference).refuse();
    this.#close();
  }

  #close(): void {
    for (const handle of [this.#head, this.#body]) if (handle !== undefined) native.close(handle);
    this.#head = undefined;
    this.#body = undefined;
    this.#taken = undefined;
  }
}

function createMemory(bytes: Buffer, asked: string): Handle {
  const shape = `job ${bytes.length}`;
  return orThrow(native.memoryCreate('', OPEN_CREATE, native.kind.ARRAY, shape, bytes.length, bytes), asked);
}

/** Whether JSON gives it back as it was. */
function isExactInJson(value: unknown): boolean {
  if (typeof value === 'string') return value.length < 1024;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  return value === null || typeof value === 'boolean';
}
