import { expect, test } from 'vitest';

import { inheritedExecArgv } from '../../lib/process/exec-argv.js';

test.each<[string[], string[]]>([
  [[], []],
  [
    ['--import', 'tsx', '--no-warnings'],
    ['--import', 'tsx', '--no-warnings'],
  ],
  [['--max-old-space-size=100', '-e', 'code'], ['--max-old-space-size=100']],
  [['--eval', 'code', '--expose-gc'], ['--expose-gc']],
  [['-p', '1 + 1'], []],
  [['--input-type=module', '--eval=code'], []],
  [['-i', '--trace-warnings'], ['--trace-warnings']],
  [['--test', '--test-reporter=dot', '--watch'], []],
  [['--inspect'], ['--inspect=0']],
  [['--inspect-brk=9229'], ['--inspect=0']],
  [['--inspect-publish-uid=http'], ['--inspect-publish-uid=http']],
])('%j → %j', (own, inherited) => {
  expect(inheritedExecArgv(own)).toEqual(inherited);
});
