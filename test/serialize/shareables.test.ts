// Objects that travel as references: where they may stand, who is told, and what happens when one cannot be opened.
import { beforeEach, describe, expect, test } from 'vitest';

import { createError } from '../../lib/errors/codes.js';
import { ClosedError, SegmentError, SerializeError } from '../../lib/errors/errors.js';
import { decode, encode } from '../../lib/serialize/codec.js';
import { registerShareable, registerSharedBuffer } from '../../lib/serialize/shareables.js';
import { ARRAY } from '../../lib/serialize/tokens.js';

/** Something that exists once, however often it is opened. */
class Cell {
  static readonly all = new Map<number, Cell>();
  static opened = 0;
  closed = false;
  readonly memory = new ArrayBuffer(64);
  readonly id: number;
  readonly peer: Cell | undefined;
  constructor(id: number, peer?: Cell) {
    this.id = id;
    this.peer = peer;
    Cell.all.set(id, this);
    registerSharedBuffer(this.memory, this);
  }
}
class NamedCell extends Cell {}

registerShareable<Cell, { id: number; peer: Cell | undefined }>(Cell, {
  kind: 'test-cell',
  describe(cell) {
    if (cell.closed) throw createError('ERR_PROCLOOM_CLOSED', 'sending a Cell');
    return { id: cell.id, peer: cell.peer };
  },
  revive({ id }) {
    const cell = Cell.all.get(id);
    if (cell === undefined) throw createError('ERR_PROCLOOM_SEGMENT_MISSING', `opening Cell ${id}`);
    Cell.opened++;
    return cell;
  },
  buffer: (cell) => cell.memory,
});

const scratch = Buffer.alloc(4096);
function carried(value: unknown): { sent: object[] | undefined; opened: object[]; arrived: unknown } {
  const { codec, buffer, end, shareables } = encode(value, scratch);
  const opened: object[] = [];
  return { sent: shareables, opened, arrived: decode(codec, buffer, 0, end, opened) };
}

beforeEach(() => {
  Cell.all.clear();
  Cell.opened = 0;
});

describe('a shareable', () => {
  test('stands anywhere', () => {
    const cell = new Cell(1);
    const value = [cell, { cell }, new Map([[cell, new Set([cell])]]), new Error('x', { cause: cell })];
    const { sent, opened, arrived } = carried(value);
    expect(sent).toEqual([cell]);
    expect(opened).toEqual([cell]);
    expect(arrived).toEqual(value);
    expect((arrived as unknown[])[0]).toBe(cell);
  });

  test('stands in one message more often than a call can have arguments', () => {
    const cell = new Cell(1);
    const { codec, buffer, end } = encode([cell], scratch);
    // All of [cell] but the token of the array.
    const one = Buffer.from(buffer.subarray(1, end));
    const count = 200_000;
    const head = Buffer.from([ARRAY, 0, 0, 0, 0]);
    head.writeUInt32LE(count, 1);
    const message = Buffer.concat([head, ...Array.from({ length: count }, () => one)]);
    const opened: object[] = [];
    expect(decode(codec, message, 0, message.length, opened)).toHaveLength(count);
    expect(opened).toHaveLength(count);
  });

  test('alone', () => {
    const cell = new Cell(1);
    expect(carried(cell).arrived).toBe(cell);
  });

  test('brings along the shareables that it is made of', () => {
    const inner = new Cell(1);
    const outer = new Cell(2, inner);
    const { sent, opened } = carried({ outer, inner });
    expect(sent).toEqual([outer, inner]);
    expect(opened).toEqual([inner, outer]);
  });

  test('of a subclass travels as its parent', () => {
    const cell = new NamedCell(1);
    expect(carried([cell]).arrived).toEqual([cell]);
  });

  test('none is reported where none was', () => {
    carried(new Cell(1));
    const { sent, opened } = carried({ plain: [1] });
    expect(sent).toBe(undefined);
    expect(opened).toEqual([]);
  });

  test('that is closed stops the sending', () => {
    const cell = new Cell(1);
    cell.closed = true;
    expect(() => encode({ cell }, scratch)).toThrow(ClosedError);
  });

  test('that cannot be opened: its own error, and those opened before are reported', () => {
    const kept = new Cell(1);
    const { codec, buffer, end } = encode([kept, new Cell(2)], scratch);
    Cell.all.delete(2);
    const opened: object[] = [];
    expect(() => decode(codec, buffer, 0, end, opened)).toThrow(SegmentError);
    expect(opened).toEqual([kept]);
  });

  test('of a kind that nobody knows', () => {
    const { codec, buffer, end } = encode(new Cell(1), scratch);
    const bytes = Buffer.from(buffer.subarray(0, end).toString('latin1').replace('test-cell', 'test-cull'), 'latin1');
    expect(() => decode(codec, bytes, 0, bytes.length)).toThrow(/'test-cull' is known here/);
    expect(() => decode(codec, bytes, 0, bytes.length)).toThrow(SerializeError);
  });

  test('the same kind twice is refused', () => {
    expect(() => registerShareable(Cell, { kind: 'test-cell', describe: () => 1, revive: () => ({}) as Cell })).toThrow(
      /registered already/,
    );
  });
});

describe('memory of a shareable', () => {
  test.each<[string, (cell: Cell) => ArrayBuffer | ArrayBufferView]>([
    ['the ArrayBuffer', (cell) => cell.memory],
    ['a typed array', (cell) => new Float64Array(cell.memory, 8, 2)],
    ['a DataView', (cell) => new DataView(cell.memory, 3, 5)],
    ['a Buffer', (cell) => Buffer.from(cell.memory, 4, 4)],
  ])('%s arrives as the same memory', (_name, make) => {
    const cell = new Cell(1);
    const value = make(cell);
    const { sent, arrived } = carried([value, value]);
    const [a, b] = arrived as [typeof value, typeof value];
    expect(sent).toEqual([cell]);
    expect(a).toBe(b);
    expect(a).toEqual(value);
    expect(ArrayBuffer.isView(a) ? a.buffer : a).toBe(cell.memory);
    expect(Object.getPrototypeOf(a)).toBe(Object.getPrototypeOf(value));
    expect(carried(value).arrived).toEqual(value);
  });

  test('a view that does not fit is refused', () => {
    const cell = new Cell(1);
    const { codec, buffer, end } = encode(new Float64Array(cell.memory), scratch);
    const bytes = Buffer.from(buffer.subarray(0, end));
    bytes.writeDoubleLE(1024, 10);
    expect(() => decode(codec, bytes, 0, bytes.length)).toThrow(/does not fit/);
  });
});
