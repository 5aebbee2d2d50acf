/**
 * Under which names the text of a module exports its variables.
 *
 * The text is asked, and not the module, where that is being evaluated still and so cannot be asked. It was compiled by
 * V8 already, so it is known to be right; all that is needed is its export statements. It may be TypeScript.
 */

/** What a regular expression, and no division, can follow. */
const beforeRegExp = String.raw`(?<=(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|void|delete|throw|new|do|else))\s*)`;
const regExp = String.raw`${beforeRegExp}\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/`;
const notCode = new RegExp(
  String.raw`\/\*[^]*?\*\/|\/\/[^\n]*|'(?:\\[^]|[^'\\\n])*'|"(?:\\[^]|[^"\\\n])*"|${'`'}(?:\\[^]|[^${'`'}\\])*${'`'}|${regExp}`,
  'g',
);

/** Text with everything inside of comments, strings, templates and regular expressions blanked: words there mean nothing. */
export function codeOnly(source: string): string {
  return source.replace(notCode, (text, offset: number) =>
    isStringExportName(source, offset) ? text : text.replace(/[^\n]/g, ' '),
  );
}

/** `export { work as "a b" }`: here the string is a name. */
function isStringExportName(source: string, offset: number): boolean {
  return /\bas\s+$/.test(source.slice(Math.max(0, offset - 12), offset));
}

/** Every letter beyond ASCII counts: properties of Unicode would take most of the time. */
const word = String.raw`[a-zA-Z$_\u0080-\uffff][\w$\u0080-\uffff]*`;
const statement = String.raw`(?<![.\w$])export\b\s*`;

/**
 * Whether what `export default` exports begins there.
 *
 * @param code see codeOnly()
 * @param offset where the function's parameters begin, or the class
 */
export function isDefaultExport(code: string, offset: number): boolean {
  const before = String.raw`${statement}default\b\s*\(*\s*(?:async\s+)?(?:function\s*\*?\s*(?:${word}\s*)?)?$`;
  return new RegExp(before).test(code.slice(0, offset));
}

/** A function or class, with its name; a variable as the default; a declaration of variables; a list. */
const exporting = new RegExp(
  String.raw`${statement}(?:(default\s+)?(?:async\s+|abstract\s+)?(?:function\s*\*?|class)\s+(${word})` +
    String.raw`|default\s+(${word})\s*(?:;|\n|$)|(?:const|let|var)\b(?!\s+enum\b)|\{([^}]*)\}(?!\s*from\b))`,
  'g',
);

/** Local name → the names it is exported under. */
export function exportedNames(code: string): Map<string, string[]> {
  const names = new Map<string, string[]>();
  const add = (local: string, exported: string) => names.set(local, [...(names.get(local) ?? []), exported]);
  for (const match of code.matchAll(exporting)) {
    const [text, isDefault, declared, variable, list] = match;
    if (declared !== undefined) add(declared, isDefault === undefined ? declared : 'default');
    else if (variable !== undefined) add(variable, 'default');
    else if (list !== undefined) {
      for (const item of list.split(',')) {
        const [, local, , exported] = /^\s*(\S+)(\s+as\s+([^]+?))?\s*$/.exec(item) ?? [];
        if (local !== undefined) add(local, exported?.replace(/^(['"])([^]*)\1$/, '$2') ?? local);
      }
    } else for (const name of declaredNames(code, match.index + text.length)) add(name, name);
  }
  return names;
}

/** The variables that a declaration declares: `a = …, { b, c: [d] } = …;`. */
function declaredNames(code: string, from: number): string[] {
  const names: string[] = [];
  let depth = 0;
  let begin = from;
  const take = (end: number) => {
    const text = code.slice(begin, end);
    const [, name] = new RegExp(String.raw`^\s*(${word})`).exec(text) ?? [];
    if (name !== undefined) names.push(name);
    // Of a pattern, every word may be one.
    else for (const [each] of (/^[^=]*/.exec(text)?.[0] ?? '').matchAll(new RegExp(word, 'g'))) names.push(each);
  };
  let i = from;
  for (; i < code.length; i++) {
    const char = code[i]!;
    if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth--;
    else if (depth > 0) continue;
    else if (char === ',') {
      take(i);
      begin = i + 1;
    } else if (char === ';' || (char === '\n' && /\S/.test(code[i + 1] ?? ''))) break;
    if (depth < 0) break;
  }
  take(i);
  return names;
}
