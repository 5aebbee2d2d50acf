/**
 * Under which name a module exports what stands at a place of its text.
 *
 * The text is asked, and not the module, because a module that is still being evaluated (the main module that starts
 * its first process) cannot be asked. It was compiled by V8 already, so it is known to be right; all that is needed
 * is its export statements and what is declared at the place. In doubt the answer is yes, and the child finds out.
 */

/** Text with everything inside of comments, strings and templates blanked, so that words in them mean nothing. */
export function codeOnly(source: string): string {
  const blank = (text: string) => text.replace(/[^\n]/g, ' ');
  return source.replace(
    /\/\*[^]*?\*\/|\/\/[^\n]*|'(?:\\[^]|[^'\\\n])*'|"(?:\\[^]|[^"\\\n])*"|`(?:\\[^]|[^`\\])*`/g,
    (text, offset: number) => (isStringExportName(source, offset) ? text : blank(text)),
  );
}

/** `export { work as "a b" }`: here the string is a name. */
function isStringExportName(source: string, offset: number): boolean {
  return /\bas\s+$/.test(source.slice(Math.max(0, offset - 12), offset));
}

const word = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*`;

/** What the text before the place declares there: the names of a variable and of a function, or a static method. */
export interface Declaration {
  locals: string[];
  /** The static method, where the place is one. */
  method: string | undefined;
  /** Whether it is what `export default` exports. */
  isDefault: boolean;
}

/**
 * @param code see codeOnly()
 * @param offset where the function's parameters begin, or the class
 */
export function declarationAt(code: string, offset: number): Declaration {
  const before = code.slice(0, offset);
  const found = (pattern: string) => new RegExp(`${pattern}$`, 'u').exec(before);
  const async = String.raw`(?:async\s+)?`;
  const fn = String.raw`(?:function\s*\*?\s*)`;
  const isDefault = found(String.raw`\bexport\s+default\s+\(*\s*${async}(?:${fn}(?:${word}\s*)?)?`) !== null;
  const method = found(String.raw`\bstatic\s+${async}\*?\s*(${word})\s*`);
  if (method !== null) return { locals: enclosingClass(code, offset), method: method[1], isDefault: false };
  const named = [
    found(String.raw`(${word})\s*=\s*\(*\s*${async}(?:${fn}(?:${word}\s*)?)?`),
    found(String.raw`\b${fn}(${word})\s*`),
  ];
  const locals = named.flatMap((match) => match?.[1] ?? []);
  return { locals, method: undefined, isDefault };
}

/** The name of the class whose body the place is in. */
function enclosingClass(code: string, offset: number): string[] {
  const classes = [...code.slice(0, offset).matchAll(new RegExp(String.raw`\bclass\s+(${word})[^{]*\{`, 'gu'))];
  for (const match of classes.reverse()) {
    let depth = 1;
    for (let i = match.index + match[0].length; i < offset && depth > 0; i++) {
      if (code[i] === '{') depth++;
      else if (code[i] === '}') depth--;
    }
    if (depth > 0) return [match[1]!];
  }
  return [];
}

/** Local name → the names it is exported under. */
export function exportedNames(code: string): Map<string, string[]> {
  const names = new Map<string, string[]>();
  const add = (local: string, exported: string) => names.set(local, [...(names.get(local) ?? []), exported]);
  const declared = new RegExp(
    String.raw`(?<![.\w$])export\s+(?:(default)\s+)?(?:async\s+)?(?:function\s*\*?|class)\s+(${word})`,
    'gu',
  );
  for (const [, isDefault, name] of code.matchAll(declared)) add(name!, isDefault ?? name!);
  for (const [, name] of code.matchAll(
    new RegExp(String.raw`(?<![.\w$])export\s+default\s+(${word})\s*(?:;|\n|$)`, 'gu'),
  )) {
    add(name!, 'default');
  }
  // `export const a = …, b = …;`: every name that something is assigned to, up to the next statement that begins a line.
  for (const [, text] of code.matchAll(/(?<![.\w$])export\s+(?:const|let|var)\s([^]*?)(?=;|\n(?=\S)|$)/g)) {
    for (const [, name] of text!.matchAll(new RegExp(String.raw`(${word})\s*=(?![=>])`, 'gu'))) add(name!, name!);
  }
  for (const [, list] of code.matchAll(/(?<![.\w$])export\s*\{([^}]*)\}(?!\s*from\b)/g)) {
    for (const item of list!.split(',')) {
      const [, local, , exported] = /^\s*(\S+)(\s+as\s+([^]+?))?\s*$/.exec(item) ?? [];
      if (local !== undefined) add(local, exported?.replace(/^(['"])([^]*)\1$/, '$2') ?? local);
    }
  }
  return names;
}
