/**
 * Built-in objects that the writer reads without running any code of the user's. (Who replaces methods of the language
 * itself is not looked for.)
 */
import { viewPrototypes } from './views.js';

const quietPrototypes = new Set<unknown>([
  ...viewPrototypes,
  ...[ArrayBuffer, Date, Map, Set].map((quiet) => quiet.prototype as object),
]);

/** What the writer asks such objects for; as an own property it could be anything. */
const asked = ['buffer', 'byteOffset', 'byteLength', 'maxByteLength', 'detached', 'resizable'];

/** Of an object that is no Proxy: whether it is certain that it runs nothing. */
export function isQuiet(value: object): boolean {
  return quietPrototypes.has(Object.getPrototypeOf(value)) && !asked.some((name) => Object.hasOwn(value, name));
}
