// Who keeps a descriptor that is on its way, and when it is given back.
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';

import { Full, SerializeError } from '../../lib/errors/errors.js';
import { DupFd } from '../../lib/handle/dup-fd.js';
import { Process } from '../../lib/process/process.js';
import { Queue } from '../../lib/queue/queue.js';
import { wait } from '../../lib/wait/wait.js';
import { until } from '../process/program.js';
import { ask, connected, openOn, program, rooms, start, withFewDescriptors } from './program.js';

const folder = mkdtempSync(join(tmpdir(), 'life-'));
const file = join(folder, 'file');
writeFileSync(file, 'content');
afterAll(() => rmSync(folder, { recursive: true }));

let fd: number;
beforeEach(() => {
  fd = openSync(file, 'r');
  return () => closeSync(fd);
});

const linux = process.platform === 'linux';

describe.runIf(linux)('a duplicate is given back', () => {
  test('when it was received, and the room closes when it is empty', async () => {
    using queue = new Queue<DupFd>();
    queue.putSync(new DupFd(fd));
    expect(openOn(file)).toBe(2);
    expect(rooms()).toHaveLength(1);
    const received = queue.getSync();
    expect(openOn(file)).toBe(2);
    closeSync(received.fd);
    expect(openOn(file)).toBe(1);
    await until(() => rooms().length === 0);
  });

  test('when the put failed, awaited or not', async () => {
    using queue = new Queue<unknown>(1);
    queue.putSync('the only one');
    expect(() => queue.putNowait(new DupFd(fd))).toThrow(Full);
    expect(() => queue.putSync([new DupFd(fd), () => {}])).toThrow(SerializeError);
    await expect(queue.put(new DupFd(fd), { timeout: 20 })).rejects.toThrow(Full);
    const signal = AbortSignal.timeout(20);
    await expect(queue.put(new DupFd(fd), { signal })).rejects.toThrow(signal.reason);
    expect(openOn(file)).toBe(1);
  });

  test('when the queue goes with it', async () => {
    const queue = new Queue<DupFd>();
    queue.putSync(new DupFd(fd));
    queue.close();
    expect(openOn(file)).toBe(2);
    await until(() => openOn(file) === 1);
  });

  test('when the queue drops what is in it', () => {
    using queue = new Queue<DupFd>();
    queue.putSync(new DupFd(fd));
    queue.shutdown({ immediate: true });
    expect(openOn(file)).toBe(1);
  });

  test('when the child is killed before it has taken it', async () => {
    const child = start('hang', new DupFd(fd));
    child.kill();
    expect(openOn(file)).toBe(2);
    expect(await child.join()).toBe(-9);
    expect(openOn(file)).toBe(1);
  });

  test('when the child could not be made ready', async () => {
    const target = { module: program, export: 'nowhere' };
    const child = new Process({ target, args: [new DupFd(fd)], stdio: 'ignore' }).start();
    expect(await child.join()).toBe(1);
    await until(() => openOn(file) === 1);
  });
});

test('a put that waits for room keeps it', async () => {
  using queue = new Queue<unknown>(1);
  queue.putSync('the only one');
  const own = openSync(file, 'r');
  const put = queue.put(new DupFd(own));
  closeSync(own);
  expect(queue.getSync()).toBe('the only one');
  await put;
  closeSync((queue.getSync() as DupFd).fd);
});

test('of several, each is fetched once, in any order', async () => {
  using queue = new Queue<DupFd[]>();
  for (let i = 0; i < 20; i++) queue.putSync([new DupFd(fd), new DupFd(fd)]);
  const received = queue.getManySync(20).flat();
  expect(new Set(received.map((one) => one.fd)).size).toBe(40);
  for (const one of received) closeSync(one.fd);
});

test('it is handed out while its sender blocks', () => {
  using told = new Queue<[boolean, string]>();
  const child = start('readOn', new DupFd(fd), told);
  expect(child.joinSync()).toBe(0);
  expect(told.getSync()).toEqual([true, 'content']);
});

test('it may be passed on without anybody having read from it', async () => {
  const [client, socket] = await connected({ pauseOnConnect: true });
  using first = new Queue<Socket>();
  using second = new Queue<Socket>();
  first.putSync(socket);
  socket.destroy();
  const children = [start('passOn', first, second), start('fromQueue', second, 'upperCase')];
  expect(await ask(client, 'on and on')).toBe('ON AND ON');
  for (const child of children) expect(await child.join()).toBe(0);
});

test('what a child accepted is ours', async () => {
  using queue = new Queue<Socket>();
  using told = new Queue<number>();
  const child = start('giveConnection', queue, told);
  const client = connect(await told.get(), '127.0.0.1');
  client.end('hello');
  const socket = await queue.get();
  expect(await text(socket)).toBe('hello');
  socket.end();
  client.resume();
  await once(client, 'close');
  expect(await child.join()).toBe(0);
});

describe('a sender that is gone', () => {
  test.each(['exit', 'return'])('by %s: its heir hands it out, and ends then', async (end) => {
    using queue = new Queue<DupFd>();
    await until(() => rooms().length === 0); // that of the test before stays open for a second
    expect(await start('giveFile', queue, file, end).join()).toBe(0);
    expect(rooms()).toHaveLength(1);
    const received = await queue.get();
    closeSync(received.fd);
    await until(() => rooms().length === 0);
  });

  test('and whose queue goes, too: its heir ends', async () => {
    const queue = new Queue<DupFd>();
    expect(await start('giveFile', queue, file, 'exit').join()).toBe(0);
    queue.close();
    await until(() => rooms().length === 0);
  });

  test('by SIGKILL: the receiver is told', async () => {
    using queue = new Queue<DupFd>();
    const child = start('giveFile', queue, file, 'hang');
    await wait([queue]);
    child.kill();
    await child.join();
    await expect(queue.get()).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_PROCLOOM_HANDLE_LOST', message: expect.stringMatching(/has ended/) }),
    );
    expect(queue.empty()).toBe(true);
  });
});

test.runIf(linux)('a full table of descriptors is told; the message is lost, the next one is not', async () => {
  using queue = new Queue<DupFd>();
  using told = new Queue<unknown>();
  queue.putSync(new DupFd(fd));
  queue.putSync(new DupFd(fd));
  expect(await withFewDescriptors('full-table.mjs', [queue, told])).toBe(0);
  expect(told.getSync()).toBe('EMFILE');
  expect(told.getSync()).toEqual([
    'ERR_PROCLOOM_HANDLE_LOST',
    expect.stringMatching(/no room for one more \(EMFILE\)\. The message is lost/),
  ]);
  expect(told.getSync()).toBe(true);
});
