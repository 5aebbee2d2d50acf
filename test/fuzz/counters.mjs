// The counters of instrumented modules, as libFuzzer wants them: bytes in one piece of memory.

/**
 * Gives each list of counters its part of one array, in which the modules then count: instead of objects of numbers they
 * get views of bytes, and notice nothing.
 *
 * @param reached as istanbul has it: by module, counts of statements, functions and branches
 */
export function intoOneArray(reached) {
  const modules = Object.values(reached);
  const sizeOf = (list) => Object.keys(list).length;
  const sizes = modules.flatMap(({ s, f, b }) => [s, f, ...Object.values(b)].map(sizeOf));
  const counters = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let end = 0;
  const partFor = (list) => counters.subarray(end, (end += sizeOf(list)));
  for (const module of modules) {
    module.s = partFor(module.s);
    module.f = partFor(module.f);
    for (const [branch, list] of Object.entries(module.b)) module.b[branch] = partFor(list);
  }
  return counters;
}
