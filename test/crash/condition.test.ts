// Whoever waits or notifies is killed: no notification is lost while somebody else waits.
import { describe, expect, test } from 'vitest';

import { OwnerDiedError } from '../../lib/errors/errors.js';
import { Queue } from '../../lib/queue/queue.js';
import { Value } from '../../lib/sharedtypes/value.js';
import { Condition } from '../../lib/sync/condition.js';
import { Lock, type LockOptions } from '../../lib/sync/lock.js';
import { RLock } from '../../lib/sync/rlock.js';
import { worlds } from '../worlds/world.js';
import { Victim } from './victim.js';

const [, startProcess] = worlds[0]!;

/** A process that waits, as whoever takes the lock from now on finds. */
async function waitingVictim(job: string, condition: Condition): Promise<Victim> {
  using waits = new Queue<boolean>();
  const victim = await Victim.start(job, { before: true }, condition, waits);
  await waits.get();
  return victim;
}

describe.each<[string, (options?: LockOptions) => Lock]>([
  ['over a Lock', (options) => new Lock(options)],
  ['over an RLock', (options) => new RLock(options)],
])('%s', (_name, make) => {
  describe.each(['wait', 'waitSync'])('%s', (job) => {
    test('killed while it waits, it is passed over', async () => {
      using lock = make();
      using condition = new Condition(lock);
      const victim = await waitingVictim(job, condition);
      await condition.acquire();
      const here = condition.wait();
      await victim.kill();
      await condition.with(() => condition.notify());
      expect(await here).toBe(true);
      condition.release();
    });

    test('killed when it was notified and has not gone on, another one goes: awaited here', async () => {
      using lock = make();
      using condition = new Condition(lock);
      const victim = await waitingVictim(job, condition);
      await condition.acquire();
      const here = condition.wait();
      await condition.acquire();
      condition.notify(); // the turn of the first
      await victim.kill();
      condition.release();
      expect(await here).toBe(true);
      expect(condition.abandoned).toBe(false);
      condition.release();
    });

    test('the same: blocked, elsewhere', async () => {
      using lock = make();
      using condition = new Condition(lock);
      using waiting = new Value('i', 0, { lock: false });
      using results = new Queue<boolean>();
      const victim = await waitingVictim(job, condition);
      const survivor = startProcess('waitOnceSync', condition, waiting, results);
      let told = false;
      while (!told) {
        await condition.with(async () => {
          if (waiting.value === 0) return;
          condition.notify();
          told = true;
          await victim.kill();
        });
      }
      expect(await results.get()).toBe(true);
      await survivor;
    });
  });

  test('a notifier killed with the lock held: who was told goes on, the others can be told', async () => {
    using lock = make();
    using condition = new Condition(lock);
    await condition.acquire();
    const first = condition.wait();
    await condition.acquire();
    const second = condition.wait();
    const victim = await Victim.start('notify', {}, condition, 1);
    await victim.kill();
    expect(await first).toBe(true);
    expect(condition.abandoned).toBe(true);
    condition.notify();
    condition.release();
    expect(await second).toBe(true);
    expect(condition.abandoned).toBe(false);
    condition.release();
  });

  test("policy 'throw': told inside with(), and not mended there, the next one is told, too", async () => {
    using lock = make({ onOwnerDeath: 'throw' });
    using condition = new Condition(lock);
    const inside = condition.with(async () => {
      const wait = condition.wait();
      const victim = await Victim.start('notify', {}, condition, 1);
      await Promise.all([wait, victim.kill()]);
    });
    await expect(inside).rejects.toThrow(OwnerDiedError);
    expect(lock.locked()).toBe(false);
    await expect(condition.with(() => 'never')).rejects.toThrow(OwnerDiedError);
    expect(() => condition.acquireSync()).toThrow(OwnerDiedError);
    condition.release();
    expect(await condition.with(() => 'mended')).toBe('mended');
  });

  test('killed again and again, the dead take no cells with them', async () => {
    using lock = make();
    using condition = new Condition(lock);
    for (let i = 0; i < 3; i++) {
      const victims = await Promise.all(['wait', 'waitSync'].map((job) => waitingVictim(job, condition)));
      await Promise.all(victims.map((victim) => victim.kill()));
      expect(condition.withSync(() => condition.notifyAll())).toBeUndefined();
      expect(condition.withSync(() => condition.waitSync({ timeout: 1 }))).toBe(false);
    }
  });
});
