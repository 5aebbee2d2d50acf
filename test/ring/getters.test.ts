// A getter of a value that is being put may itself put and get: neither message spoils the other.
import { expect, test } from 'vitest';

import { Queue } from '../../lib/queue/queue.js';

const others: [string, unknown][] = [
  ['a string', 'another text, of one byte a character'],
  ['a string of two bytes a character', 'тридцать три коровы'],
  ['an object', { another: [1, 2, { deep: 'yes' }] }],
  ['bytes', Buffer.from('bytes that are other ones')],
  ['what is longer than the scratch', 'x'.repeat(100_000)],
];

test.each(others)('%s, put and got by a getter', async (_what, other) => {
  using outer = new Queue<{ before: string; got: unknown; after: string }>();
  using inner = new Queue<unknown>();
  const value = (get: () => unknown) => ({
    before: 'in front of the getter',
    get got() {
      inner.putSync(other);
      return get();
    },
    after: 'behind the getter',
  });
  const whole = { before: 'in front of the getter', got: other, after: 'behind the getter' };
  for (const get of [() => inner.getSync(), () => inner.getSync({ timeout: 1000 }), () => inner.getNowait()]) {
    outer.putSync(value(get));
    expect(outer.getSync()).toEqual(whole);
    await outer.put(value(get));
    expect(await outer.get()).toEqual(whole);
  }
});
