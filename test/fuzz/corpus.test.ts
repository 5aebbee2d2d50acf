/** The inputs that fuzzing begins with, among them each that was once a finding, give no finding. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { checkMessage } from './codec-input.mjs';

const folder = join(import.meta.dirname, 'corpus/codec');
const names = readdirSync(folder);

test.each(names)('codec: %s', (name) => {
  expect(() => checkMessage(readFileSync(join(folder, name)))).not.toThrow();
});
