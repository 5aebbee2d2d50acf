// Pipes: what goes in at one end comes out at the other, whole and in order; and every bad moment.
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';

import type { Connection } from '../../lib/connection/connection.js';
import { Pipe } from '../../lib/connection/pipe.js';
import {
  BrokenPipeError,
  BufferTooShort,
  ClosedError,
  EOFError,
  StateError,
  TimeoutError,
} from '../../lib/errors/errors.js';

const invalid = { code: 'ERR_PROCLOOM_INVALID_ARGUMENT' };

async function withPipe(
  use: (near: Connection, far: Connection) => unknown,
  options?: Parameters<typeof Pipe>[0],
): Promise<void> {
  const [near, far] = Pipe(options);
  try {
    await use(near, far);
  } finally {
    near.close();
    far.close();
  }
}

describe('bytes', () => {
  test.each([0, 1, 7, 8, 9, 63, 64, 65_535, 65_536, 65_537, 1_048_576, 5_000_000, 70_000_000])(
    'a message of %i bytes, blocking and awaited',
    (size) =>
      withPipe(async (near, far) => {
        const message = randomBytes(size);
        near.sendBytesSync(message);
        expect(far.recvBytesSync().equals(message)).toBe(true);
        await far.sendBytes(message);
        expect((await near.recvBytes()).equals(message)).toBe(true);
        near.sendBytesSync(message);
        const into = Buffer.alloc(size + 3);
        expect(far.recvBytesIntoSync(into, { offset: 3 })).toBe(size);
        expect(into.subarray(3).equals(message)).toBe(true);
      }),
  );

  test('keep their boundaries and their order through many turns of the ring', () =>
    withPipe((near, far) => {
      for (let round = 0; round < 2000; round++) {
        const sizes = [round % 3, (round * 37) % 900, (round * 7919) % 5000];
        for (const size of sizes) near.sendBytesSync(Buffer.alloc(size, round & 0xff));
        // equals(): an expectation goes through large buffers byte by byte.
        for (const size of sizes) expect(far.recvBytesSync().equals(Buffer.alloc(size, round & 0xff))).toBe(true);
      }
    }));

  test('offset and size choose a part; every kind of view', () =>
    withPipe((near, far) => {
      const bytes = Buffer.from('0123456789');
      near.sendBytesSync(bytes, { offset: 3 });
      expect(far.recvBytesSync().toString()).toBe('3456789');
      near.sendBytesSync(bytes, { offset: 3, size: 2 });
      expect(far.recvBytesSync().toString()).toBe('34');
      near.sendBytesSync(bytes, { offset: 10 });
      expect(far.recvBytesSync().length).toBe(0);
      const numbers = Float64Array.of(1, 2, 3);
      for (const view of [numbers, numbers.buffer, new DataView(numbers.buffer, 8), numbers.subarray(1)]) {
        near.sendBytesSync(view as Float64Array);
        const got = far.recvBytesSync();
        const start = view instanceof ArrayBuffer ? 0 : view.byteOffset;
        expect(got).toEqual(Buffer.from(numbers.buffer.slice(start)));
      }
    }));

  test('wrong parts are refused, and nothing is sent', () =>
    withPipe(async (near, far) => {
      const bytes = Buffer.alloc(10);
      for (const options of [{ offset: -1 }, { offset: 11 }, { size: 11 }, { offset: 5, size: 6 }, { size: 1.5 }]) {
        expect(() => near.sendBytesSync(bytes, options)).toThrow(expect.objectContaining(invalid));
        await expect(near.sendBytes(bytes, options)).rejects.toMatchObject(invalid);
      }
      for (const wrong of ['text', 5, null, undefined, [1]] as never[]) {
        expect(() => near.sendBytesSync(wrong)).toThrow(expect.objectContaining(invalid));
        expect(() => far.recvBytesIntoSync(wrong)).toThrow(expect.objectContaining(invalid));
      }
      expect(() => far.recvBytesIntoSync(bytes, { offset: 11 })).toThrow(expect.objectContaining(invalid));
      expect(() => far.recvBytesSync({ maxLength: -1 })).toThrow(expect.objectContaining(invalid));
      expect(far.pollSync()).toBe(false);
    }));

  test('a message that is too long is consumed and carried by BufferTooShort', () =>
    withPipe(async (near, far) => {
      const message = Buffer.from('twelve bytes');
      const attempts: (() => unknown)[] = [
        () => far.recvBytesIntoSync(Buffer.alloc(11)),
        () => far.recvBytesInto(Buffer.alloc(20), { offset: 9 }),
        () => far.recvBytesSync({ maxLength: 11 }),
        () => far.recvBytes({ maxLength: 0 }),
      ];
      for (const attempt of attempts) {
        near.sendBytesSync(message);
        near.sendBytesSync(Buffer.from('next'));
        const error = await Promise.resolve()
          .then(attempt)
          .then(
            () => undefined,
            (thrown: unknown) => thrown,
          );
        expect(error).toBeInstanceOf(BufferTooShort);
        expect((error as BufferTooShort).bytes.equals(message)).toBe(true);
        expect(far.recvBytesSync().toString()).toBe('next');
      }
    }));

  test('a value is no message of bytes: it stays', () =>
    withPipe(async (near, far) => {
      near.sendSync({ a: 1 });
      expect(() => far.recvBytesSync()).toThrow(StateError);
      expect(() => far.recvBytesIntoSync(Buffer.alloc(100))).toThrow(StateError);
      await expect(far.recvBytes()).rejects.toThrow(StateError);
      expect(far.recvSync()).toEqual({ a: 1 });
      near.sendBytesSync(Buffer.from('bytes'));
      expect(far.recvSync()).toEqual(Buffer.from('bytes'));
    }));
});

describe('values', () => {
  test('of many kinds and sizes', () =>
    withPipe(async (near, far) => {
      const values = [
        0,
        'text',
        'x'.repeat(3_000_000),
        [1, [2, { three: new Map([[3, new Set([4n])]]) }]],
        { big: Buffer.alloc(2_000_000, 7), date: new Date(0) },
        undefined,
        null,
      ];
      for (const value of values) {
        near.sendSync(value);
        expect(isDeepStrictEqual(far.recvSync(), value)).toBe(true);
        await far.send(value);
        expect(isDeepStrictEqual(await near.recv(), value)).toBe(true);
      }
    }));

  test('one that cannot travel is its sender’s error, and nothing is sent', () =>
    withPipe(async (near, far) => {
      expect(() => near.sendSync({ a: [() => 1] })).toThrow(expect.objectContaining({ path: 'a[0]' }));
      await expect(near.send(Symbol('no'))).rejects.toMatchObject({ name: 'SerializeError' });
      expect(far.pollSync()).toBe(false);
    }));

  test('un-awaited sends keep their order, also when they have to wait', () =>
    withPipe(
      async (near, far) => {
        const sends = Array.from({ length: 500 }, (_, i) => near.send({ i, body: 'x'.repeat(100) }));
        for (let i = 0; i < 500; i++) expect(await far.recv()).toMatchObject({ i });
        await Promise.all(sends);
      },
      { capacity: 1024 },
    ));

  test('what is waiting to be sent was taken at the call', () =>
    withPipe(
      async (near, far) => {
        near.sendBytesSync(Buffer.alloc(500));
        const bytes = Buffer.from('before'.repeat(100));
        const object = { state: 'before'.repeat(100) };
        const [first, second] = [near.sendBytes(bytes), near.send(object)];
        bytes.fill(0);
        object.state = 'after';
        far.recvBytesSync();
        expect((await far.recvBytes()).toString()).toBe('before'.repeat(100));
        expect(await far.recv()).toEqual({ state: 'before'.repeat(100) });
        await Promise.all([first, second]);
      },
      { capacity: 512 },
    ));

  test('iteration ends with the other end', () =>
    withPipe(async (near, far) => {
      for (const i of [1, 2, 3]) near.sendSync(i);
      near.close();
      const got: unknown[] = [];
      for await (const value of far) got.push(value);
      expect(got).toEqual([1, 2, 3]);
    }));
});

describe('directions', () => {
  test('of a simplex pipe', () =>
    withPipe(
      (receiver, sender) => {
        expect([receiver.readable, receiver.writable, sender.readable, sender.writable]).toEqual([
          true,
          false,
          false,
          true,
        ]);
        expect(() => receiver.sendSync(1)).toThrow(StateError);
        expect(() => receiver.sendBytesSync(Buffer.alloc(1))).toThrow(StateError);
        expect(() => sender.recvSync()).toThrow(StateError);
        expect(() => sender.pollSync()).toThrow(StateError);
        sender.sendSync('this way');
        expect(receiver.recvSync()).toBe('this way');
      },
      { duplex: false },
    ));

  test('wrong options', () => {
    for (const options of [{ duplex: 1 }, { capacity: 0 }, { capacity: 1.5 }, { capacity: '1' }, 7] as never[]) {
      expect(() => Pipe(options)).toThrow(expect.objectContaining(invalid));
    }
  });
});

describe('waiting', () => {
  test('poll', () =>
    withPipe(async (near, far) => {
      expect(far.pollSync()).toBe(false);
      expect(await far.poll()).toBe(false);
      expect(far.pollSync({ timeout: 5 })).toBe(false);
      expect(await far.poll({ timeout: 5 })).toBe(false);
      const waiting = far.poll({ timeout: Infinity });
      near.sendBytesSync(Buffer.alloc(0));
      expect(await waiting).toBe(true);
      expect(far.pollSync()).toBe(true);
      expect(far.recvBytesSync().length).toBe(0);
      expect(far.pollSync()).toBe(false);
      near.close();
      expect(far.pollSync()).toBe(true);
      expect(() => far.recvSync()).toThrow(EOFError);
    }));

  test('timeouts of receivers', () =>
    withPipe(async (_near, far) => {
      for (const timeout of [0, -1, 3]) {
        expect(() => far.recvSync({ timeout })).toThrow(TimeoutError);
        expect(() => far.recvBytesIntoSync(Buffer.alloc(1), { timeout })).toThrow(TimeoutError);
        await expect(far.recv({ timeout })).rejects.toThrow(TimeoutError);
        await expect(far.recvBytes({ timeout })).rejects.toThrow(TimeoutError);
      }
      for (const timeout of [NaN, '5', null] as never[]) {
        expect(() => far.recvSync({ timeout })).toThrow(expect.objectContaining(invalid));
        await expect(far.recv({ timeout })).rejects.toMatchObject(invalid);
      }
    }));

  test('timeouts of senders, who then have sent nothing', () =>
    withPipe(
      async (near, far) => {
        near.sendBytesSync(Buffer.alloc(1000));
        expect(() => near.sendBytesSync(Buffer.alloc(1000), { timeout: 3 })).toThrow(TimeoutError);
        await expect(near.send('x'.repeat(1000), { timeout: 3 })).rejects.toThrow(TimeoutError);
        expect(far.recvBytesSync().length).toBe(1000);
        expect(far.pollSync()).toBe(false);
      },
      { capacity: 1024 },
    ));

  test('abort', () =>
    withPipe(async (near, far) => {
      const reason = new Error('enough');
      await expect(far.recv({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      await expect(near.send(1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      const abort = new AbortController();
      const waiting = far.recv({ signal: abort.signal });
      abort.abort(reason);
      await expect(waiting).rejects.toBe(reason);
      near.sendSync('still there');
      expect(far.recvSync()).toBe('still there');
    }));

  test('receivers are served in the order in which they came', () =>
    withPipe(async (near, far) => {
      const waiting = [1, 2, 3, 4].map(() => far.recv());
      for (const i of [1, 2, 3, 4]) near.sendSync(i);
      expect(await Promise.all(waiting)).toEqual([1, 2, 3, 4]);
    }));
});

describe('the end', () => {
  test('of the other side: first what was sent, then EOF; sending breaks', () =>
    withPipe(async (near, far) => {
      near.sendSync('last words');
      const waiting = [far.recv(), far.recv()];
      near.close();
      expect(await waiting[0]).toBe('last words');
      await expect(waiting[1]).rejects.toThrow(EOFError);
      expect(() => far.recvSync()).toThrow(EOFError);
      expect(() => far.recvBytesSync({ timeout: 0 })).toThrow(EOFError);
      expect(() => far.sendSync('anybody?')).toThrow(BrokenPipeError);
      await expect(far.send('anybody?')).rejects.toThrow(BrokenPipeError);
    }));

  test('of the other side while we wait for room', () =>
    withPipe(
      async (near, far) => {
        near.sendBytesSync(Buffer.alloc(1000));
        const waiting = near.sendBytes(Buffer.alloc(1000));
        far.close();
        await expect(waiting).rejects.toThrow(BrokenPipeError);
      },
      { capacity: 1024 },
    ));

  test('of this side: pending waits and later verbs', () =>
    withPipe(async (near, far) => {
      const waiting = far.recv();
      far.close();
      await expect(waiting).rejects.toThrow(ClosedError);
      expect(far.closed).toBe(true);
      far.close();
      for (const verb of [
        () => far.recvSync(),
        () => far.sendSync(1),
        () => far.recvBytesIntoSync(Buffer.alloc(1)),
        () => far.sendBytesSync(Buffer.alloc(1)),
        () => far.pollSync(),
      ]) {
        expect(verb).toThrow(ClosedError);
      }
      await expect(far.recv()).rejects.toThrow(ClosedError);
      await expect(far.send(1)).rejects.toThrow(ClosedError);
      expect(() => near.sendSync(1)).toThrow(BrokenPipeError);
    }));

  test('of a block closes what was bound in it', async () => {
    const [near, far] = Pipe();
    {
      await using inner = near;
      inner.sendSync('last');
    }
    expect(near.closed).toBe(true);
    expect(() => near.recvSync()).toThrow(ClosedError);
    {
      using inner = far;
      expect(inner.recvSync()).toBe('last');
      expect(() => inner.recvSync()).toThrow(EOFError);
    }
    expect(far.closed).toBe(true);
  });

  test('an end travels through another pipe; its sender closes it at once', () =>
    withPipe(async (near, far) => {
      const [ours, theirs] = Pipe();
      near.sendSync({ nested: [theirs] });
      theirs.close();
      ours.sendSync('while it is on its way');
      const { nested } = far.recvSync<{ nested: [Connection] }>();
      expect(nested[0].recvSync()).toBe('while it is on its way');
      nested[0].close();
      expect(() => ours.recvSync()).toThrow(EOFError);
      ours.close();
    }));
});
