/** How errors are taken apart and put together: beyond structured clone, their names and own properties survive. */

/** The built-in classes of errors: one list gives each its number in messages. */
const kinds = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
] as readonly (new (...args: never[]) => Error)[];

/** Which of the hidden properties of an error follow its token, in this order, as bits. */
export const ERROR_FIELDS = ['message', 'stack', 'cause', 'errors', 'name'] as const;

/** The number of the built-in class that the error is of. */
export function errorKindOf(error: Error): number {
  for (let kind = kinds.length - 1; kind > 0; kind--) if (error instanceof kinds[kind]!) return kind;
  if (error instanceof Error) return 0;
  // One of another realm: only its name tells.
  return Math.max(
    0,
    kinds.findIndex((kind) => kind.name === (error as Error).name),
  );
}

/**
 * The bits of ERROR_FIELDS that the error has, or its class for it; enumerable ones count as ordinary properties.
 */
export function errorFieldsOf(error: Error, kind: number): number {
  let fields = 0;
  ERROR_FIELDS.forEach((field, bit) => {
    const own = Object.getOwnPropertyDescriptor(error, field);
    const hidden = own !== undefined && !own.enumerable;
    const usual = field === 'name' ? kinds[kind]!.name : field === 'message' ? '' : undefined;
    const inherited = own === undefined && usual !== undefined && error[field as 'name' | 'message'] !== usual;
    if (hidden || inherited) fields |= 1 << bit;
  });
  return fields;
}

/** An error of that class without any property; undefined for a number that no class has. */
export function makeError(kind: number): Error | undefined {
  const errorClass = kinds[kind] as (new (...args: unknown[]) => Error) | undefined;
  if (errorClass === undefined) return undefined;
  // The stack is the original's: none must be captured here.
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = errorClass === AggregateError ? new errorClass([]) : new errorClass();
  Error.stackTraceLimit = limit;
  for (const field of ERROR_FIELDS) delete (error as unknown as Record<string, unknown>)[field];
  return error;
}

export function setErrorField(error: Error, field: string, value: unknown): void {
  Object.defineProperty(error, field, { value, configurable: true, writable: true, enumerable: false });
}
