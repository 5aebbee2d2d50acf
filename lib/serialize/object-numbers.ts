/** The objects of one message and their numbers, in the order in which they were met. */

/** Up to so many objects are looked up one by one; a Map costs more than that. */
const FEW_OBJECTS = 12;

export class ObjectNumbers {
  #count = 0;
  readonly #few: (object | undefined)[] = new Array<undefined>(FEW_OBJECTS).fill(undefined);
  #many: Map<object, number> | undefined;

  /** The number that the object has; -1 if it has been given one only now. */
  of(value: object): number {
    const count = this.#count;
    if (count < FEW_OBJECTS) {
      const few = this.#few;
      for (let i = 0; i < count; i++) if (few[i] === value) return i;
      few[count] = value;
    } else {
      this.#many ??= new Map(this.#few.map((object, i) => [object!, i]));
      const number = this.#many.get(value);
      if (number !== undefined) return number;
      this.#many.set(value, count);
    }
    this.#count = count + 1;
    return -1;
  }

  /** Whether the object has no number; it gets none. */
  isNew(object: object): boolean {
    return this.#many === undefined ? !this.#few.includes(object) : !this.#many.has(object);
  }
  forget(): void {
    const few = Math.min(this.#count, FEW_OBJECTS);
    for (let i = 0; i < few; i++) this.#few[i] = undefined;
    this.#many = undefined;
    this.#count = 0;
  }
}
