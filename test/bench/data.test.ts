import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Binary } from '../../bench/data/binary.js';
import { lapOfRecords, readRecords, type SmallObject } from '../../bench/data/records.js';
import { expectedDigest } from '../../bench/verify/bytes.js';

const folder = mkdtempSync(join(tmpdir(), 'procloom-data-test-'));
const file = join(folder, 'data');
beforeAll(() => writeFileSync(file, Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7) & 255))));
afterAll(() => rmSync(folder, { recursive: true }));

describe('Binary', () => {
  it('is the node binary, whole, where its messages are large', () => {
    const binary = new Binary(1024 * 1024);
    const bytes = readFileSync(process.execPath);
    expect(binary.usedBytes).toBe(bytes.length);
    expect(Buffer.concat(binary.lap(0, binary.messages)).equals(bytes)).toBe(true);
  });

  it('is its beginning where the messages would be too many', () => {
    const binary = new Binary(64);
    expect(binary.messages).toBe(65_536);
    expect(binary.message(65_535).equals(readFileSync(process.execPath).subarray(65_535 * 64, 65_536 * 64))).toBe(true);
  });

  it('has a shorter last message, and goes around', () => {
    const binary = new Binary(300, file);
    expect(binary.messages).toBe(4);
    expect(binary.lap(2, 4).map((message) => message.length)).toEqual([300, 100, 300, 300]);
    expect(binary.message(4).equals(binary.message(0))).toBe(true);
  });

  it('has whole ones only where there are few', () => {
    const binary = new Binary(400, file);
    expect([binary.messages, binary.usedBytes]).toEqual([2, 800]);
    expect(binary.lap(1, 2).map((message) => message.length)).toEqual([400, 400]);
    expect(new Binary(4000, file).message(0).length).toBe(1000);
  });

  it.each([
    [0, 1],
    [3, 1],
    [2, 4],
    [7, 13],
    [0, 4],
  ])('expects of %i, %i messages the digest of what a lap sends', (first, count) => {
    const binary = new Binary(300, file);
    const sent = createHash('sha256')
      .update(Buffer.concat(binary.lap(first, count)))
      .digest('hex');
    expect(expectedDigest(binary, first, count)).toBe(sent);
  });
});

describe('records', () => {
  it('are those of package-lock.json', () => {
    const records = readRecords('packages');
    expect(records[0]).toMatchObject({ name: 'procloom' });
    expect(records.length).toBeGreaterThan(20);
  });

  it('become small objects of a number, a string, two tags and a fraction', () => {
    for (const record of readRecords('small') as SmallObject[]) {
      expect(record).toEqual({
        id: expect.any(Number),
        name: expect.any(String),
        tags: [expect.any(String), expect.any(String)],
        x: expect.any(Number),
      });
    }
  });

  it('go around', () => {
    const records = [{ a: 1 }, { a: 2 }];
    expect(lapOfRecords(records, 3, 3)).toEqual([{ a: 2 }, { a: 1 }, { a: 2 }]);
  });

  it('of a file without packages are an error that says what to do', () => {
    const empty = join(folder, 'empty.json');
    writeFileSync(empty, '{}');
    expect(() => readRecords('packages', empty)).toThrow(/no "packages": run npm install/);
  });
});
