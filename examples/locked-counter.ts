/**
 * Reading a shared number and writing it back are two steps; a lock makes them one. Two processes do both 10 000 times.
 *
 * Without the lock counts would be lost. add() of an integer type needs none: see share-a-value.ts.
 */
import { isMainProcess, Process, Value } from 'procloom';

export function deposit(balance: Value<'d'>, times: number): void {
  for (let i = 0; i < times; i++) {
    balance.withSync(() => {
      balance.value += 0.5;
    });
  }
}

if (isMainProcess()) {
  const balance = new Value('d', 100);
  const children = [1, 2].map(() => new Process({ target: deposit, args: [balance, 10_000] }).start());
  for (const child of children) await child.join();
  if (balance.value !== 10_100) throw new Error(`the balance is ${balance.value}`);
  console.log(`the balance is ${balance.value}`);
}
