// Gates on what a run reads: its data file as the manifest knows it, its script, and the modules that the script imports.
import {problem, warning, type Diagnostic} from '../base/diagnostic.ts';
import {sorted} from '../base/order.ts';
import type {Dataset} from '../config/study.ts';
import type {DataEntry} from '../state/data-manifest.ts';
import type {JobWork, Node} from '../graph/node.ts';
import {scriptOf} from '../state/manifest.ts';
import type {GateFailure, Spender} from './resource-gates.ts';
import type {Session} from './session.ts';

/** Data files that somebody has to provide and that are not there: nothing can make them. */
export function findMissingFiles({disk, study}: Session, order: readonly Node[]): readonly GateFailure[] {
  return order.flatMap((node) => {
    const dataset = node.rule === 'data' ? study.data.find(({name}) => node.label === `data ${name}`) : undefined;
    const {origin, path, span} = dataset ?? {};
    const file = origin?.kind === 'builder' ? origin.rawFile : path;
    if (dataset === undefined || file === undefined || disk.stat(file) !== 'missing') return [];
    const help = 'Put it there, or give the dataset a builder that makes it.';
    return [{node, diagnostic: problem('FTS604', `${node.label}: ${file} is missing`, {help, ...(span && {span})})}];
  });
}

/** What is wrong with data files that are there; each file's columns once, however many nodes read them. */
export function findDataFailures(session: Session, spenders: readonly Spender[]): readonly GateFailure[] {
  const said = new Set<string>();
  return spenders.flatMap(({node, work}) =>
    dataProblems(session, work).flatMap((message) => {
      if (said.has(message)) return [];
      said.add(message);
      const help = 'Build the data again, or correct the file, its `md5`, `rows` or columns.';
      return [{node, diagnostic: problem('FTS604', message, {help})}];
    }),
  );
}

function dataProblems({study, world}: Session, {data, record}: JobWork): readonly string[] {
  const dataset = study.data.find(({path}) => path === data);
  if (data === undefined || dataset === undefined) return [];
  const entry = world.findDataEntry(data);
  if (entry === undefined) return [`${data}: the data manifest knows no such file, or knows it with other content`];
  const features = Array.isArray(record['features']) ? record['features'].map(String) : [];
  return [...fileProblems(dataset, entry), ...columnProblems(entry, features)].map((text) => `${data}: ${text}`);
}

function fileProblems({md5, minRows}: Dataset, entry: DataEntry): readonly string[] {
  const problems: string[] = [];
  if (md5 !== undefined && md5 !== entry.md5) problems.push(`its md5 is ${entry.md5}, not ${md5}`);
  if (entry.rows < minRows) problems.push(`it has ${String(entry.rows)} rows, fewer than ${String(minRows)}`);
  return problems;
}

// A run refuses features with missing values, whatever the dataset tolerates in columns that nobody reads.
function columnProblems({columns, missingValues}: DataEntry, features: readonly string[]): readonly string[] {
  const absent = features.filter((name) => !columns.has(name));
  const holey = features.filter((name) => (missingValues.get(name) ?? 0) > 0);
  return [
    ...(absent.length === 0 ? [] : [`it lacks ${shortList(absent)}`]),
    ...(holey.length === 0 ? [] : [`values are missing (empty, NaN or infinite) in ${shortList(holey)}`]),
  ];
}

/** Data that is used all the same, and that somebody should look at. */
export function cautionOf(path: string, message: string): Diagnostic {
  return warning('FTS607', `${path}: ${message}`);
}

const longestList = 5;

function shortList(names: readonly string[]): string {
  const more = names.length - longestList;
  return more <= 0 ? names.join(', ') : `${names.slice(0, longestList).join(', ')} and ${String(more)} more`;
}

/** What the study's interpreter is asked. */
export interface PythonChecks {
  readonly checkSyntax: (files: readonly {readonly path: string; readonly source: string}[]) => Promise<readonly Diagnostic[]>;
  /** Those of the top-level modules that it cannot find. */
  readonly findMissingModules: (names: readonly string[]) => Promise<readonly string[]>;
}

/** Every script compiles, and what it imports is there: modules of the package, and packages of the environment. */
export async function findScriptFailures(
  session: Session,
  spenders: readonly Spender[],
  python: PythonChecks,
): Promise<readonly GateFailure[]> {
  const byPath = new Map<string, Node>();
  for (const {node, work} of spenders)
    if (work.target.kind === 'script' && !byPath.has(work.target.path)) byPath.set(work.target.path, node);
  const [first] = byPath.values();
  if (first === undefined) return [];
  const scripts = [...byPath.keys()].flatMap((path) => {
    const source = session.disk.readText(path);
    return source === undefined ? [] : [{path, source}];
  });
  const syntax = await python.checkSyntax(scripts);
  const imports = session.world.readImports(
    spenders.flatMap(({node}) => node.code),
    scripts,
  );
  const absent = sorted([...imports.absent, ...(await python.findMissingModules(imports.outside))]);
  return [
    ...findUnknownCode(session, spenders),
    ...syntax.map((diagnostic) => ({node: byPath.get(/^[^:]*/.exec(diagnostic.message)?.[0] ?? '') ?? first, diagnostic})),
    ...absent.map((name) => ({node: first, diagnostic: importProblem(name)})),
  ];
}

/** Modules that the study's `code` names and that are no file of the package or the workspace; each once. */
function findUnknownCode(session: Session, spenders: readonly Spender[]): readonly GateFailure[] {
  const said = new Set<string>();
  return spenders.flatMap(({node}) => {
    const experiment = session.study.experiments.find(({name}) => name === node.experiment);
    const there = new Set(session.world.listModules(node.code, scriptOf(node)).map(({name}) => name));
    return (experiment?.code ?? []).flatMap(({module, span}) => {
      const path = module.replaceAll('.', '/');
      if (said.has(module) || there.has(`${path}.py`) || there.has(`${path}/__init__.py`)) return [];
      said.add(module);
      const help = 'Name a module as it is imported; what is installed counts by its version, and needs no mention.';
      return [
        {node, diagnostic: problem('FTS605', `\`code\` names ${module}, and neither the package nor the workspace has it`, {span, help})},
      ];
    });
  });
}

function importProblem(name: string): Diagnostic {
  const help = name.startsWith('fts.')
    ? 'Install ftsbuild again: its Python package is not whole.'
    : 'Install it into the environment, or remove the environment: the next build makes it anew.';
  return problem('FTS605', `the scripts import ${name}, and the Python environment has no such module`, {help});
}
