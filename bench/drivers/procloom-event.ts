/** procloom's Event: set() in one process, a thread that blocks or an event loop that awaits in the other. */
import { Event, SharedArray, type Process } from 'procloom';
import { nowNs } from '../cell/clock.js';
import type { JobKind } from '../trials/trial.js';
import type { Context, Driver, Host, Peer, Ready } from './driver.js';
import { joinPeer, startPeer } from './procloom-peer.js';
import { announceWait, Sleeper } from './sleeper.js';

type Round = SharedArray<'i'>;

class EventHost implements Host {
  private readonly event = new Event();
  private readonly answer = new Event();
  private readonly round: Round = new SharedArray('i', 1, { lock: false });
  private readonly child: Process;
  private sleeper: Sleeper | undefined;

  constructor(context: Context) {
    this.child = startPeer(context, this.event, this.answer, this.round);
  }

  wake(count: number, wakingNs: Float64Array): void {
    const sleeper = (this.sleeper ??= new Sleeper(this.child.pid as number, this.round.view));
    for (let i = 0; i < count; i++) {
      sleeper.awaitSleep();
      wakingNs[i] = nowNs();
      this.event.set();
    }
  }

  async wakeInTurn(samples: Float64Array): Promise<void> {
    const { event, answer } = this;
    for (let turn = 0; turn < samples.length; turn++) {
      const begunNs = nowNs();
      event.set();
      await answer.wait();
      answer.clear();
      samples[turn] = nowNs() - begunNs;
    }
  }

  async close(): Promise<void> {
    await joinPeer(this.child);
    this.sleeper?.close();
    this.event.close();
    this.answer.close();
    this.round.close();
  }
}

class EventPeer implements Peer {
  private readonly kind: JobKind;
  private readonly event: Event;
  private readonly answer: Event;
  private readonly round: Round;

  constructor(kind: JobKind, event: Event, answer: Event, round: Round) {
    this.kind = kind;
    this.event = event;
    this.answer = answer;
    this.round = round;
  }

  async beWoken(count: number, wokenNs: Float64Array, ready: Ready): Promise<void> {
    await ready();
    if (this.kind === 'wake-loop') return this.beAwaited(count, wokenNs);
    const { view } = this.round;
    for (let i = 0; i < count; i++) {
      announceWait(view);
      this.event.waitSync();
      wokenNs[i] = nowNs();
      this.event.clear();
    }
  }

  private async beAwaited(count: number, wokenNs: Float64Array): Promise<void> {
    const { view } = this.round;
    for (let i = 0; i < count; i++) {
      announceWait(view);
      await this.event.wait();
      wokenNs[i] = nowNs();
      this.event.clear();
    }
  }

  async answerWakes(count: number, ready: Ready): Promise<void> {
    const { event, answer } = this;
    await ready();
    for (let turn = 0; turn < count; turn++) {
      await event.wait();
      event.clear();
      answer.set();
    }
  }

  extra(): number {
    return this.event.isSet() || this.answer.isSet() ? 1 : 0;
  }

  close(): void {
    this.event.close();
    this.answer.close();
    this.round.close();
  }
}

export default {
  host: (context) => new EventHost(context),
  peer: (context, event: Event, answer: Event, round: Round) => new EventPeer(context.job.kind, event, answer, round),
} satisfies Driver;
