// From a file to a study: reads, checks, expands. Touches nothing but the files that the configuration consists of.
import {hasErrors, problem} from '../base/diagnostic.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {projectPath} from '../base/ids.ts';
import {failure, success} from '../base/result.ts';
import type {Result} from '../base/result.ts';
import {suggestion} from '../base/suggest.ts';
import {readBudgets} from './budgets.ts';
import {checkAgainstSchema} from './check.ts';
import {readDatasets} from './datasets.ts';
import {expand} from './expand.ts';
import {readFilter} from './filter.ts';
import {overlay, readWithIncludes} from './include.ts';
import type {Assembled, TextReader} from './include.ts';
import {builtInLayer, ranks, readLayer} from './layer.ts';
import {findMap, findMember, findScalar, membersOf} from './located.ts';
import type {LocatedMap} from './located.ts';
import {checkName} from './names.ts';
import {findPathProblems} from './outputs.ts';
import {findHome, findPath, findPathSpans, readPaths} from './paths.ts';
import type {Home} from './paths.ts';
import {readIdentity, readPhases} from './phase.ts';
import type {PhaseText} from './phase.ts';
import {findProfile, forEveryDataset} from './profile.ts';
import {readSafety} from './safety.ts';
import {readShapes, writtenNames} from './sections.ts';
import type {Sections} from './sections.ts';
import type {Experiment, Phase, PythonChoice, Study} from './study.ts';
import {readTasks} from './tasks.ts';
import type {TierTable} from './tiers.ts';

export interface LoadOptions {
  /** As the user names it, relative to the workspace. */
  readonly file: string;
  readonly profile?: string;
  readonly tiers: TierTable;
  /** Capacity of the pool `cpu` where the file says none. */
  readonly cores?: number;
}

export interface Loaded {
  readonly study: Study;
  readonly warnings: readonly Diagnostic[];
  /** Names of the profiles that the file declares. */
  readonly profiles: readonly string[];
}

/** All problems of the files at once, in the order of their places. */
export function loadStudy(disk: TextReader, options: LoadOptions): Result<Loaded> {
  const assembled = readWithIncludes(disk, options.file);
  if (!assembled.ok) return failure(inOrder(assembled.error, [options.file]));
  const {sound, problems: schemaProblems, suspect} = checkAgainstSchema(assembled.value.root);
  const loading: Loading = {
    disk,
    options,
    written: assembled.value,
    root: sound,
    suspect,
    sources: new Set(assembled.value.sources),
    problems: [...schemaProblems],
  };
  const study = readStudy(loading);
  const problems = inOrder(loading.problems, study.sources);
  return hasErrors(problems)
    ? failure(problems)
    : success({study, warnings: problems, profiles: [...membersOf(findMap(sound, 'profiles'))].map(([name]) => name)});
}

interface Loading {
  readonly disk: TextReader;
  readonly options: LoadOptions;
  readonly written: Assembled;
  readonly root: LocatedMap;
  readonly suspect: ReadonlySet<string>;
  readonly sources: Set<string>;
  readonly problems: Diagnostic[];
}

// Where there are problems the study is not whole, and nobody gets to see it.
function readStudy(loading: Loading): Study {
  const {options, root, suspect, problems} = loading;
  const home = findHome(options.file, options.profile, problems);
  const paths = readPaths(findMap(root, 'paths'), home, problems);
  const profile = findProfile(root, {name: options.profile, written: loading.written.root}, problems);
  const sections = readSections(loading, profile, home);
  const phases = readPhases(findMap(root, 'phases'), problems);
  const defaults = findMap(root, 'defaults');
  const only = findMember(profile, 'only');
  const experiments = expand(phases, {
    builtIn: builtInLayer(),
    defaults: {identity: readIdentity(defaults), layer: readLayer(defaults, {label: 'defaults', rank: ranks.defaults}, problems)},
    profile: profile && {
      layer: readLayer(profile, {label: `profile ${options.profile ?? ''}`, rank: ranks.profile}, problems),
      only: only && readFilter(only),
    },
    sections,
    suspect,
    problems,
  });
  const data = present(sections.datasets.values());
  problems.push(...findPathProblems({paths, spans: findPathSpans(findMap(root, 'paths')), datasets: data, phases}));
  return {
    project: findScalar(root, 'project')?.text ?? 'ftsbuild',
    file: options.file,
    sources: [...loading.sources],
    ...(options.profile !== undefined && {profile: options.profile}),
    ...{paths, data, experiments},
    python: readPython(findMap(root, 'python'), problems),
    budgets: present(sections.budgets.values()).map(({budget}) => budget),
    phases: phasesOf(phases, experiments),
    pools: readPools(loading),
    safety: readSafety(root, problems),
  };
}

function readSections({disk, options, root, written, sources, problems}: Loading, profile: LocatedMap | undefined, home: Home): Sections {
  const data = forEveryDataset(findMap(root, 'data'), findMap(profile, 'data'));
  const budgets = findMap(root, 'budgets');
  const changes = findMap(profile, 'budgets');
  for (const [name, {keySpan}] of membersOf(changes)) {
    const known = findMap(written.root, 'budgets')?.members;
    if (known !== undefined && !known.has(name))
      problems.push(problem('FTS203', `there is no budget "${name}"`, {span: keySpan, help: suggestion(name, known.keys())}));
  }
  return {
    datasets: readDatasets(data, {home, tiers: options.tiers, problems}),
    budgets: readBudgets(budgets && changes ? overlay(budgets, changes) : budgets, {disk, sources, problems}),
    tasks: readTasks(findMap(root, 'tasks'), problems),
    shapes: readShapes(findMap(root, 'shapes'), problems),
    tiers: options.tiers,
    written: writtenNames(written.root, options.tiers),
  };
}

function readPython(node: LocatedMap | undefined, problems: Diagnostic[]): PythonChoice {
  const interpreter = findScalar(node, 'interpreter');
  if (interpreter !== undefined) return {kind: 'interpreter', path: interpreter.text};
  const venv = findScalar(node, 'venv');
  return {kind: 'venv', directory: (venv && findPath(venv, problems)) ?? projectPath('.venv')};
}

function readPools({root, options, problems}: Loading): ReadonlyMap<string, number> {
  const pools = new Map([
    ['accelerator', 1],
    ['cpu', options.cores ?? 1],
  ]);
  for (const [name, {keySpan, node}] of membersOf(findMap(root, 'resources'))) {
    const wrong = checkName(name, 'a pool', keySpan);
    if (wrong !== undefined) problems.push(wrong);
    else if (node.kind === 'scalar' && typeof node.value === 'number') pools.set(name, node.value);
  }
  return pools;
}

function phasesOf(phases: readonly PhaseText[], experiments: readonly Experiment[]): readonly Phase[] {
  const names = new Map<string, string[]>(phases.map((phase) => [phase.name, []]));
  const datasets = new Map<string, string>();
  for (const {name, phase, dataset} of experiments) {
    names.get(phase)?.push(name);
    if (!datasets.has(phase)) datasets.set(phase, dataset.name);
  }
  return phases.flatMap(({name, title, canary, span}) => {
    const dataset = datasets.get(name);
    // A phase of which the profile leaves nothing is no part of the study.
    return dataset === undefined
      ? []
      : [{name, title, dataset, experiments: names.get(name) ?? [], ...(canary !== undefined && {canary}), span}];
  });
}

function present<T>(values: Iterable<T | undefined>): readonly T[] {
  return [...values].flatMap((value) => value ?? []);
}

// Experiments share the lines that they come from: one mistake there is one problem, however many of them it meets.
function inOrder(problems: readonly Diagnostic[], sources: readonly string[]): readonly Diagnostic[] {
  const first = new Map<string, Diagnostic>();
  for (const entry of problems) {
    const place = entry.span === undefined ? entry.message : `${entry.span.file}\n${entry.span.offset}`;
    const name = `${entry.code}\n${place}`;
    if (!first.has(name)) first.set(name, entry);
  }
  const files = new Map(sources.map((file, index) => [file, index]));
  const rank = ({span}: Diagnostic): number => (span === undefined ? -1 : (files.get(span.file) ?? files.size));
  return [...first.values()].sort((left, right) => rank(left) - rank(right) || (left.span?.offset ?? 0) - (right.span?.offset ?? 0));
}
