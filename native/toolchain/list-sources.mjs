// Prints the C++ files of the addon, one a line: `node native/toolchain/list-sources.mjs <body>`, run in the folder that
// holds native/. All of native/ but tests, benches and the other bodies of native/os/; procloom.gypi asks, so that a
// new file needs no second mention.
import { readdirSync } from 'node:fs';

const body = process.argv[2];
if (body !== 'linux' && body !== 'posix') {
  console.error(`procloom_body is '${body}': it must be 'linux' or 'posix'.`);
  process.exit(2);
}

const notOfTheAddon = new Set(['native/test', 'native/bench', 'native/fuzz', 'native/toolchain']);

function* sourcesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      const otherBody = folder === 'native/os' && entry.name !== body;
      if (!otherBody && !notOfTheAddon.has(path)) yield* sourcesBelow(path);
    } else if (entry.name.endsWith('.cc')) {
      yield path;
    }
  }
}

console.log([...sourcesBelow('native')].sort().join('\n'));
