/**
 * procloom's Lock when its holder is killed: the next holder is a thread that blocks or an event loop that awaits, in a
 * process of its own. For each death of a lap there is a lock, held by a process that was made before the lap.
 */
import { Lock, Process, Queue, SharedArray } from 'procloom';
import { nowNs } from '../cell/clock.js';
import type { JobKind } from '../trials/trial.js';
import { Mismatch } from '../verify/mismatch.js';
import type { Context, Driver, Host, Peer, Ready } from './driver.js';
import { joinPeer, startPeer } from './procloom-peer.js';
import { announceWait, Sleeper } from './sleeper.js';

/** Holders at a time: more than two processors can start at once would only stand in each other's way. */
const HOLDERS = 4;

type Round = SharedArray<'i'>;

class DeathHost implements Host {
  private readonly locks = Array.from({ length: HOLDERS }, () => new Lock());
  private readonly round: Round = new SharedArray('i', 1, { lock: false });
  private readonly told = new Queue<number>();
  private readonly child: Process;
  private holders: Process[] = [];
  private sleeper: Sleeper | undefined;

  constructor(context: Context) {
    this.child = startPeer(context, this.locks, this.round);
  }

  async prepareWakes(count: number): Promise<void> {
    await this.bury();
    this.holders = this.locks.slice(0, count).map((lock) =>
      new Process({
        target: { module: new URL('./procloom-victim.js', import.meta.url), export: 'holdForEver' },
        args: [lock, this.told],
        daemon: true,
      }).start(),
    );
    const pids = new Set(this.holders.map(({ pid }) => pid));
    while (pids.size > 0) pids.delete(await this.told.get());
  }

  wake(count: number, wakingNs: Float64Array): void {
    const sleeper = (this.sleeper ??= new Sleeper(this.child.pid as number, this.round.view));
    for (let i = 0; i < count; i++) {
      const holder = this.holders[i];
      sleeper.awaitSleep();
      wakingNs[i] = nowNs();
      process.kill(holder.pid as number, 'SIGKILL');
      // The kernel takes milliseconds of a processor to clear a process away: the next death is not to stand behind it.
      holder.joinSync();
    }
  }

  async close(): Promise<void> {
    await this.bury();
    await joinPeer(this.child);
    this.sleeper?.close();
    for (const object of [...this.locks, this.told, this.round]) object.close();
  }

  private async bury(): Promise<void> {
    await Promise.all(this.holders.map((holder) => holder.join()));
    this.holders = [];
  }
}

class DeathPeer implements Peer {
  private readonly kind: JobKind;
  private readonly locks: readonly Lock[];
  private readonly round: Round;

  constructor(kind: JobKind, locks: readonly Lock[], round: Round) {
    this.kind = kind;
    this.locks = locks;
    this.round = round;
  }

  async beWoken(count: number, wokenNs: Float64Array, ready: Ready): Promise<void> {
    await ready();
    const { view } = this.round;
    for (let i = 0; i < count; i++) {
      const lock = this.locks[i];
      announceWait(view);
      if (this.kind === 'death-loop') await lock.acquire();
      else lock.acquireSync();
      wokenNs[i] = nowNs();
      if (!lock.abandoned) throw new Mismatch(`lock ${i} was got, but not from one who died`);
      lock.release();
    }
  }

  extra(): number {
    return this.locks.filter((lock) => lock.locked()).length;
  }

  close(): void {
    for (const object of [...this.locks, this.round]) object.close();
  }
}

export default {
  host: (context) => new DeathHost(context),
  peer: (context, locks: Lock[], round: Round) => new DeathPeer(context.job.kind, locks, round),
} satisfies Driver;
