// Finds the files of the Python package and of the workspace that modules and scripts lead to, and what they mean. Starts no Python.
import {sorted} from '../base/order.ts';
import type {Disk} from '../host/disk.ts';
import type {Digests} from './digests.ts';
import {importsOf, reachableModules, type Import} from './python-imports.ts';
import {meaningOf} from './python-source.ts';
import {countedAs, type SameResults} from './same-results.ts';
import type {Imports, ModuleFile, PartEntry, Script} from './world.ts';

interface Site {
  readonly disk: Disk;
  readonly digests: Digests;
  /** Absolute folder that holds the package `fts`. */
  readonly packageRoot: string;
}

/** Where a program begins: what it imports, and the folder of its script, which Python looks into first. */
interface Start {
  readonly imports: readonly Import[];
  readonly folder: string;
}

export function startOf(site: Site, entries: readonly string[], script: Script | undefined): Start {
  const named = entries.map((module) => ({module, names: []}));
  if (script === undefined) return {imports: named, folder: ''};
  const own = script.text === undefined ? (findImports(site, script.path, '') ?? []) : importsOf(script.text, '');
  return {imports: [...named, ...own], folder: script.path.slice(0, script.path.lastIndexOf('/') + 1)};
}

/** What the modules mean; those of the package by the names of earlier ones where they give the same results. */
export function readMeanings(site: Site, start: Start, same: readonly SameResults[]): readonly PartEntry[] {
  const meanings = reachModules(site, start).map(({name, at}) => [name, meaningAt(site, at)] as const);
  const counted = countedAs(new Map(meanings.filter(([name]) => isOfPackage(name))), same);
  const all = new Map([...counted, ...meanings.filter(([name]) => !isOfPackage(name))]);
  return sorted(all.keys()).map((name) => ({name, value: all.get(name) ?? ''}));
}

/** Modules of the workspace are named as they are imported: beside the script first, then from the workspace's root. */
export function reachModules(site: Site, {imports, folder}: Start): readonly ModuleFile[] {
  const own = reachOwn(site, imports, folder);
  const start = [...imports, ...[...own].flatMap(([name, at]) => findImports(site, at, name) ?? [])];
  const ofPackage = reachableModules(start, (path) => findImports(site, atPackage(site, path), path)).map(
    (path) => [path, atPackage(site, path)] as const,
  );
  const places = new Map([...own, ...ofPackage]);
  return sorted(places.keys()).map((name) => ({name, at: places.get(name) ?? name}));
}

// The package imports nothing from a workspace, so only what scripts and modules of the workspace import is looked for there.
function reachOwn(site: Site, imports: readonly Import[], folder: string): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  reachableModules(imports, (path) => {
    if (isOfPackage(path)) return undefined;
    const at = [...new Set([`${folder}${path}`, path])].find((candidate) => isFile(site, candidate));
    if (at === undefined) return undefined;
    places.set(path, at);
    return findImports(site, at, path);
  });
  return places;
}

function isFile({disk}: Site, path: string): boolean {
  const stat = disk.stat(path);
  return stat !== 'missing' && stat.kind === 'file';
}

export function isOfPackage(path: string): boolean {
  return path === 'fts.py' || path.startsWith('fts/');
}

/** The file that a run names: from `fts/` on in the package, or from the workspace. */
export function placeOfModule(site: Pick<Site, 'packageRoot'>, path: string): string {
  return isOfPackage(path) ? atPackage(site, path) : path;
}

export function meaningAt({digests}: Pick<Site, 'digests'>, at: string): string {
  return digests.derived(at, 'python meaning 2', (bytes) => meaningOf(bytes).digest);
}

/** What scripts, and the modules that they and `entries` lead to, import that is not there, or lies outside package and workspace. */
export function readImports(
  site: Site,
  entries: readonly string[],
  scripts: readonly {readonly path: string; readonly source: string}[],
): Imports {
  const absent = new Set<string>();
  const outside = new Set<string>();
  const starts = scripts.map(({path, source}) => startOf(site, entries, {path, text: source}));
  for (const start of new Map(starts.map((one) => [JSON.stringify(one), one])).values()) {
    const reached = reachModules(site, start);
    const names = new Set(reached.map(({name}) => name));
    const isThere = (module: string): boolean => {
      const path = module.replaceAll('.', '/');
      return names.has(`${path}.py`) || names.has(`${path}/__init__.py`);
    };
    for (const {module} of [...start.imports, ...reached.flatMap(({name, at}) => findImports(site, at, name) ?? [])]) {
      const [top = module] = module.split('.');
      if (top === 'fts' && !isThere(module)) absent.add(module);
      if (top !== 'fts' && !isThere(module) && !isThere(top)) outside.add(top);
    }
  }
  return {absent: sorted(absent), outside: sorted(outside)};
}

function atPackage({packageRoot}: Pick<Site, 'packageRoot'>, path: string): string {
  return `${packageRoot}/${path}`;
}

/** Undefined where there is no such file. Relative imports go by `modulePath`, so the answer is remembered with it. */
function findImports({digests}: Pick<Site, 'digests'>, at: string, modulePath: string): readonly Import[] | undefined {
  const kind = at.endsWith(`/${modulePath}`) && isOfPackage(modulePath) ? 'python imports' : `python imports as ${modulePath}`;
  const known = digests.derived(at, kind, (bytes) => JSON.stringify(importsOf(new TextDecoder().decode(bytes), modulePath)));
  return known === 'missing' ? undefined : (JSON.parse(known) as readonly Import[]);
}
