/** The body of a job as the child has it: see job.ts. */
import { native } from '../addon/loader.js';
import type { Handle } from '../addon/native.js';
import { orThrow } from '../addon/status-error.js';
import type { OpenObject } from '../memory/shared-object.js';
import { decode } from '../serialize/decode.js';
import { shareableKindOf } from '../serialize/shareables.js';
import type { TargetReference } from '../target/target.js';
import { BYTES, CODEC, type JobBody, PREFIX_BYTES, TAKEN } from './job.js';

/** The text of a head that was too long for the environment. */
export function readLongHead(reference: string): string {
  const handle = orThrow(native.open(reference, native.kind.ARRAY), 'start of a child');
  const text = Buffer.from(native.memoryBuffer(handle) as ArrayBuffer).toString();
  native.close(handle);
  return text;
}

export class ReceivedBody {
  readonly #handle: Handle;
  readonly #memory: ArrayBuffer;
  /** After take(): the functions that what came may have to run. */
  needs: TargetReference[] = [];

  constructor(reference: string) {
    this.#handle = orThrow(native.open(reference, native.kind.ARRAY), 'start of a child');
    this.#memory = native.memoryBuffer(this.#handle) as ArrayBuffer;
  }

  /** Reads it, takes over what it refers to and gives the memory back. */
  take(): JobBody {
    const opened: object[] = [];
    try {
      const body = this.#decode(opened);
      this.needs = opened.flatMap((object) => shareableKindOf(object)?.needs?.(object) ?? []);
      return body;
    } finally {
      this.#end(opened);
    }
  }

  /** Lets go of everything that was sent. */
  refuse(): void {
    const opened: object[] = [];
    try {
      this.#decode(opened);
    } catch {
      // What could be opened is let go; the rest is gone already.
    }
    this.#end(opened);
    for (const object of opened as OpenObject[]) object.close();
  }

  #decode(opened: object[]): JobBody {
    const words = this.#words();
    const end = PREFIX_BYTES + words[BYTES]!;
    return decode(words[CODEC]!, Buffer.from(this.#memory), PREFIX_BYTES, end, opened) as JobBody;
  }

  #end(opened: object[]): void {
    this.#words()[TAKEN] = 1;
    for (const object of opened as OpenObject[]) native.flightEnd(object.handle);
    native.close(this.#handle);
  }

  #words(): Uint32Array {
    return new Uint32Array(this.#memory, 0, PREFIX_BYTES / 4);
  }
}
