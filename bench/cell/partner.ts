/** The peer as the host sees it: lap by lap, and never for longer than a lap may take. */
import { nowNs } from './clock.js';
import type { Control, Reply, Request } from './control.js';

export class Partner {
  private readonly control: Control<Request, Reply>;
  private readonly stallMs: number;

  constructor(control: Control<Request, Reply>, stallMs: number) {
    this.control = control;
    this.stallMs = stallMs;
  }

  /** Resolves when the peer has opened its end of the transport. */
  opened(): Promise<void> {
    return this.withinPatience('the second process did not open its end of the transport', async () => {
      await this.expect('open');
    });
  }

  /** Runs one lap; both ends' times of it. */
  lap(first: number, count: number, work: () => void | Promise<void>): Promise<LapTimes> {
    return this.withinPatience(`a lap of ${count} messages did not end: some were lost or never came`, async () => {
      await this.control.send({ is: 'lap', first, count });
      await this.expect('ready');
      // The answer is awaited from the start: a peer that fails ends the lap although our sending may never end.
      const answer = this.expect('done');
      const startedNs = nowNs();
      const [done, workedNs] = await Promise.all([answer, finishTime(work)]);
      return {
        startedNs,
        workedNs,
        peerStartedNs: done.startedNs,
        peerEndedNs: done.endedNs,
        wokenNs: done.wokenNs ?? [],
      };
    });
  }

  /** Has the peer look for messages that nobody asked for. */
  finish(): Promise<void> {
    return this.withinPatience('the second process did not finish', async () => {
      await this.control.send({ is: 'finish' });
      await this.expect('finished');
    });
  }

  close(): void {
    this.control.close();
  }

  private async expect<K extends Reply['is']>(kind: K): Promise<Extract<Reply, { is: K }>> {
    const reply = await this.control.next();
    if (reply.is === 'failed') throw new Error(reply.error);
    if (reply.is !== kind) throw new Error(`the second process said '${reply.is}' where '${kind}' was due`);
    return reply as Extract<Reply, { is: K }>;
  }

  private async withinPatience<T>(complaint: string, run: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const stalled = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${complaint} (waited ${this.stallMs} ms)`)), this.stallMs);
    });
    try {
      return await Promise.race([run(), stalled]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** When who began and ended, all on one clock. */
export interface LapTimes {
  startedNs: number;
  /** When the host's own part was done. */
  workedNs: number;
  peerStartedNs: number;
  peerEndedNs: number;
  /** When each wake of the peer was, in a trial of wakes. */
  wokenNs: number[];
}

async function finishTime(work: () => void | Promise<void>): Promise<number> {
  await work();
  return nowNs();
}
