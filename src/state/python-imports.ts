// Which modules a Python source imports, and which files of a package are reached that way. Knows nothing of packages outside.
import {sorted} from '../base/order.ts';
import {newline, tokensOf} from './python-tokens.ts';

export interface Import {
  /** Absolute and dotted. */
  readonly module: string;
  /** The names taken from it, which may be modules too; empty for a plain `import`. */
  readonly names: readonly string[];
}

/**
 * Every import in the source, in its order: at the top, in functions and under conditions. `modulePath` is relative to the
 * folder that holds the package (`fts/data/windows.py`). A relative import that leaves the package is left out.
 */
export function importsOf(source: string, modulePath: string): readonly Import[] {
  const tokens = tokensOf(source.replace(/^\ufeff/u, '').replace(/\r\n?/gu, '\n')) ?? [];
  const found: Import[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    // After a dot it is an attribute's name, in invalid source only.
    if (tokens[at] === 'from') {
      const from = readFrom(tokens, at + 1, modulePath);
      if (from === undefined) continue;
      at = from.end;
      if (from.module !== undefined) found.push({module: from.module, names: from.names});
    } else if (tokens[at] === 'import') {
      for (const module of readNames(tokens, at + 1)) found.push({module, names: []});
    }
  }
  return found;
}

/**
 * Paths of all files that the given imports lead to, in code-unit order: the modules, the `__init__.py` above them, and what
 * those import. `importsAt` tells the imports of a file in the package folder, and undefined where there is no such file.
 */
export function reachableModules(entry: readonly Import[], importsAt: (path: string) => readonly Import[] | undefined): readonly string[] {
  const reached = new Map<string, readonly Import[] | undefined>();
  const open: Import[] = [...entry];
  const look = (path: string): boolean => {
    if (reached.has(path)) return reached.get(path) !== undefined;
    const imports = importsAt(path);
    reached.set(path, imports);
    open.push(...(imports ?? []));
    return imports !== undefined;
  };
  // As the interpreter: a folder with __init__.py comes before a file of the same name.
  const visit = (module: string): boolean => {
    const path = module.replaceAll('.', '/');
    return look(`${path}/__init__.py`) || look(`${path}.py`);
  };
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const steps = next.module.split('.');
    steps.forEach((_, at) => visit(steps.slice(0, at + 1).join('.')));
    for (const name of next.names) if (name !== '*') visit(`${next.module}.${name}`);
  }
  return sorted([...reached].filter(([, imports]) => imports !== undefined).map(([path]) => path));
}

interface FromImport {
  /** Undefined where it leaves the package. */
  readonly module: string | undefined;
  readonly names: readonly string[];
  /** Index of the last token that was read. */
  readonly end: number;
}

/** Undefined for the `from` of `yield from` and `raise ... from`: no `import` follows their expression directly. */
function readFrom(tokens: readonly string[], start: number, modulePath: string): FromImport | undefined {
  let at = start;
  let level = 0;
  for (; tokens[at] === '.' || tokens[at] === '...'; at += 1) level += tokens[at]?.length ?? 0;
  let name = '';
  for (; tokens[at] !== 'import'; at += 1) {
    const token = tokens[at] ?? newline;
    if (token !== '.' && !isName(token)) return undefined;
    name += token;
  }
  const names = readNames(tokens, at + 1);
  return {module: absolute(name, level, modulePath), names, end: at};
}

function absolute(name: string, level: number, modulePath: string): string | undefined {
  if (level === 0) return name;
  const above = modulePath.split('/').slice(0, -1);
  const kept = above.length - (level - 1);
  if (kept < 1) return undefined;
  return [...above.slice(0, kept), ...(name === '' ? [] : [name])].join('.');
}

/** `a.b as c, d` and `(a as b, c,)`, up to the end of the statement. */
function readNames(tokens: readonly string[], start: number): readonly string[] {
  const names: string[] = [];
  let name = '';
  for (let at = start; at <= tokens.length; at += 1) {
    const token = tokens[at] ?? newline;
    if (token === 'as') at += 1;
    else if (token === '.' || token === '*' || isName(token)) name += token;
    else if (token !== '(') {
      if (name !== '') names.push(name);
      name = '';
      if (token !== ',') return names;
    }
  }
  return names;
}

function isName(token: string): boolean {
  return /^[A-Za-z_\u0080-\uffff]/u.test(token) && !token.endsWith('"') && !token.endsWith("'");
}
