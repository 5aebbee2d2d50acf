/**
 * What a child is told, in a block of shared memory that parent and child both open.
 *
 *     taken:u32 │ head codec:u32 │ head bytes:u32 │ body codec:u32 │ body bytes:u32 │ head │ body
 *
 * The head says who the child is and what it runs, the body holds the values that go with it. They are apart because
 * the head must be read to import the modules without which the body could not be read. `taken` is set by the child when
 * it has opened what the body refers to; the parent looks at it only when it needs to know who lets go of the references.
 */
import { native } from '../addon/loader.js';
import { OPEN_CREATE, type Handle } from '../addon/native.js';
import { orThrow } from '../addon/status-error.js';
import type { OpenObject } from '../memory/shared-object.js';
import { decode, encode } from '../serialize/codec.js';
import { shareableKindOf } from '../serialize/shareables.js';
import type { TargetReference } from './target.js';

export interface JobHead {
  name: string;
  path: readonly number[];
  daemon: boolean;
  authkey: Uint8Array;
  parent: { name: string; pid: number };
  /** process.argv of the parent from its second element on. */
  argv: string[];
  target: TargetReference | undefined;
  /** The subclass of Process whose run() is to be called. */
  class: TargetReference | undefined;
  /** The kinds of shareables in the body. */
  kinds: string[];
}

export interface JobBody {
  args: unknown[];
  kwargs: Record<string, unknown> | undefined;
  /** Of an object of a subclass: its own properties. */
  fields: Record<string, unknown> | undefined;
}

const WORDS = 5;
const PREFIX_BYTES = WORDS * 4;

/** A job as its sender has it. */
export class SentJob {
  readonly reference: string;
  #handle: Handle | undefined;
  readonly #taken: Uint32Array;

  /** @throws SerializeError for a value that cannot travel; SegmentError when there is no memory for it */
  constructor(head: Omit<JobHead, 'kinds'>, body: JobBody) {
    const scratch = Buffer.allocUnsafe(4096);
    const { codec, buffer, end, shareables = [] } = encode(body, scratch);
    const bodyBytes = Buffer.from(buffer.subarray(0, end));
    const kinds = [...new Set(shareables.map((object) => shareableKindOf(object)!.kind))];
    const encoded = encode({ ...head, kinds }, scratch);
    const prefix = new Uint32Array([0, encoded.codec, encoded.end, codec, bodyBytes.length]);
    const bytes = Buffer.concat([new Uint8Array(prefix.buffer), encoded.buffer.subarray(0, encoded.end), bodyBytes]);
    this.#handle = orThrow(
      native.memoryCreate('', OPEN_CREATE, native.kind.ARRAY, `job ${bytes.length}`, bytes.length, bytes),
      `start of ${head.name}`,
    );
    this.#taken = new Uint32Array(native.memoryBuffer(this.#handle) as ArrayBuffer, 0, 1);
    this.reference = native.reference(this.#handle) as string;
    for (const object of shareables as OpenObject[]) native.flightBegin(object.handle);
  }

  /** Whether the child has everything that was for it; the memory is given back then. */
  get arrived(): boolean {
    if (this.#handle === undefined) return true;
    if (this.#taken[0] === 0) return false;
    native.close(this.#handle);
    this.#handle = undefined;
    return true;
  }

  /** Lets go of what the child did not take over: it is dead. */
  abandon(): void {
    if (this.arrived) return;
    // The sender may have closed its objects since, so they are opened as the child would have done.
    new ReceivedJob(this.reference).refuse();
    native.close(this.#handle!);
    this.#handle = undefined;
  }
}

/** A job as its child has it. */
export class ReceivedJob {
  readonly head: JobHead;
  readonly #handle: Handle;
  readonly #memory: ArrayBuffer;

  constructor(reference: string) {
    this.#handle = orThrow(native.open(reference, native.kind.ARRAY), 'start of a child');
    this.#memory = native.memoryBuffer(this.#handle) as ArrayBuffer;
    const [, codec, bytes] = this.#words();
    this.head = decode(codec!, Buffer.from(this.#memory), PREFIX_BYTES, PREFIX_BYTES + bytes!) as JobHead;
  }

  #words(): Uint32Array {
    return new Uint32Array(this.#memory, 0, WORDS);
  }

  /** Reads the body, takes over what it refers to and gives the memory back. */
  take(): JobBody {
    const opened: object[] = [];
    try {
      return this.#decodeBody(opened);
    } finally {
      this.#end(opened);
    }
  }

  /** Lets go of everything that was sent. */
  refuse(): void {
    const opened: object[] = [];
    try {
      this.#decodeBody(opened);
    } catch {
      // What could be opened is let go; the rest is gone already.
    }
    this.#end(opened);
    for (const object of opened as OpenObject[]) object.close();
  }

  #decodeBody(opened: object[]): JobBody {
    const [, , headBytes, codec, bytes] = this.#words();
    const start = PREFIX_BYTES + headBytes!;
    return decode(codec!, Buffer.from(this.#memory), start, start + bytes!, opened) as JobBody;
  }

  #end(opened: object[]): void {
    this.#words()[0] = 1;
    for (const object of opened as OpenObject[]) native.flightEnd(object.handle);
    native.close(this.#handle);
  }
}
