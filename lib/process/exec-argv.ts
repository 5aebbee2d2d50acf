/** Node's own flags that a child gets from its parent. */

/** Flags that mean this one program and not its children, and whether their value is the next argument. */
const programs: readonly [flag: RegExp, takesNext: boolean][] = [
  [/^(-e|--eval|-p|--print|-pe|-c|--check|--input-type)$/, true],
  [/^--(eval|print|input-type)=/, false],
  [/^(-i|--interactive|--test|--watch)$/, false],
  [/^--(test|watch)[-=]/, false],
  [/^--(cpu|heap)-prof-name=/, false],
];

/** process.execArgv without what only made sense for this process. A debugger's port cannot be shared. */
export function inheritedExecArgv(execArgv: readonly string[] = process.execArgv): string[] {
  const inherited: string[] = [];
  for (let i = 0; i < execArgv.length; i++) {
    const argument = execArgv[i]!;
    const program = programs.find(([flag]) => flag.test(argument));
    if (program !== undefined) {
      if (program[1] && !/^-(i|c|-check)$/.test(argument)) i++;
      continue;
    }
    inherited.push(/^--inspect(-brk|-wait)?(=|$)/.test(argument) ? '--inspect=0' : argument);
  }
  return inherited;
}
