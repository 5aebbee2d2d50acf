// The modules of lib/serialize as they are loaded for the fuzzing: they count where they go, as istanbul has them count, in
// globalThis.reached. A hook of Node's loader.
import { createInstrumenter } from 'istanbul-lib-instrument';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const instrumenter = createInstrumenter({ coverageVariable: 'reached', esModules: true, produceSourceMap: true });

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (!url.includes('/dist/serialize/')) return loaded;
  const file = fileURLToPath(url);
  const mapOfCompiler = JSON.parse(await readFile(`${file}.map`, 'utf8'));
  const source = instrumenter.instrumentSync(String(loaded.source), file, mapOfCompiler);
  // Findings tell their lines in lib/.
  const map = Buffer.from(JSON.stringify(instrumenter.lastSourceMap())).toString('base64');
  return { ...loaded, source: `${source}\n//# sourceMappingURL=data:application/json;base64,${map}\n` };
}
