// From a file to a study: reads, checks, expands. Touches nothing but the files that the configuration consists of.
import {hasErrors, problem} from '../base/diagnostic.ts';
import type {Diagnostic, Span} from '../base/diagnostic.ts';
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
import type {LocatedMap, LocatedScalar} from './located.ts';
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
import {findUnused} from './unused.ts';

export interface LoadOptions {
  /** As the user names it, relative to the workspace. */
  readonly file: string;
  /** Whose place below outputs/ the study takes, where that is not its own file's: two versions are compared at one place. */
  readonly home?: string;
  readonly profile?: string;
  readonly tiers: TierTable;
  /** Folder of this program's own Python code, relative to the workspace, where it lies in it. */
  readonly program?: string | undefined;
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
  // Nothing that the file as a whole lacks, or calls by a wrong name, can be relied on.
  if (suspect.has('*')) return failure(inOrder(schemaProblems, assembled.value.sources));
  const study = readStudy(loading);
  const problems = inOrder(withoutEchoes(loading.problems, schemaProblems), study.sources);
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
  const home = findHome(options.home ?? options.file, options.profile, problems);
  const paths = readPaths(findMap(root, 'paths'), home, problems);
  const profile = findProfile(root, {name: options.profile, written: loading.written.root}, problems);
  const sections = readSections(loading, profile, home);
  const phases = readPhases(findMap(root, 'phases'), problems);
  const defaults = findMap(root, 'defaults');
  const only = findMember(profile, 'only');
  // Where there are too many points, none is made.
  const isTooLarge = problems.some(({code}) => code === 'FTS208');
  const experiments = expand(isTooLarge ? [] : phases, {
    builtIn: builtInLayer(),
    defaults: {identity: readIdentity(defaults), layer: readLayer(defaults, {label: 'defaults', rank: ranks.defaults}, problems)},
    profile: profile && {
      name: options.profile ?? '',
      layer: readLayer(profile, {label: `profile ${options.profile ?? ''}`, rank: ranks.profile}, problems),
      only: only && readFilter(only),
    },
    sections,
    hasEveryPhase: phases.length === membersOf(findMap(loading.written.root, 'phases')).length,
    suspect,
    problems,
  });
  const data = present(sections.datasets.values());
  const python = readPython(findMap(root, 'python'), problems);
  const spans = findPathSpans(findMap(root, 'paths'));
  problems.push(
    ...findPathProblems({paths, spans, datasets: data, phases, sources: [...loading.sources], python, program: options.program}),
  );
  if (profile === undefined && !hasErrors(problems)) problems.push(...findUnused(root, experiments));
  return {
    project: findScalar(root, 'project')?.text ?? 'ftsbuild',
    file: options.file,
    sources: [...loading.sources],
    ...(options.profile !== undefined && {profile: options.profile}),
    ...{paths, data, experiments},
    python,
    budgets: present(sections.budgets.values()).map(({budget}) => budget),
    phases: phasesOf(phases, experiments),
    pools: readPools(loading),
    safety: readSafety(root, problems),
  };
}

function readSections(loading: Loading, profile: LocatedMap | undefined, home: Home): Sections {
  const {disk, options, root, written, sources, problems} = loading;
  const data = forEveryDataset(findSection(loading, 'data'), findMap(profile, 'data'));
  const budgets = findSection(loading, 'budgets');
  const changes = findMap(profile, 'budgets');
  for (const [name, {keySpan}] of membersOf(changes)) {
    const known = findMap(written.root, 'budgets')?.members;
    if (known !== undefined && !known.has(name))
      problems.push(problem('FTS203', `there is no budget "${name}"`, {span: keySpan, help: suggestion(name, known.keys())}));
  }
  return {
    datasets: readDatasets(data, {home, tiers: options.tiers, problems}),
    budgets: readBudgets(budgets && changes ? overlay(budgets, changes) : budgets, {disk, sources, problems}),
    tasks: readTasks(findSection(loading, 'tasks'), problems),
    shapes: readShapes(findMap(root, 'shapes'), problems),
    tiers: options.tiers,
    written: writtenNames(written.root, options.tiers),
  };
}

// An entry that the schema refused a part of stands empty: its name is known, and nothing more is said of it.
function findSection({root, suspect, options}: Loading, section: 'data' | 'budgets' | 'tasks'): LocatedMap | undefined {
  const found = findMap(root, section);
  const isProfileSuspect = options.profile !== undefined && suspect.has(`profiles.${options.profile}`);
  if (found === undefined) return undefined;
  const members = [...found.members].map(([name, member]) => {
    const isSuspect = suspect.has(`${section}.${name}`) || (section === 'data' && isProfileSuspect);
    return [name, isSuspect ? {...member, node: emptyAt(member.keySpan)} : member] as const;
  });
  return {...found, members: new Map(members)};
}

function emptyAt(span: Span): LocatedScalar {
  return {kind: 'scalar', value: null, text: '', span};
}

function readPython(node: LocatedMap | undefined, problems: Diagnostic[]): PythonChoice {
  const interpreter = findScalar(node, 'interpreter');
  if (interpreter !== undefined) return {kind: 'interpreter', path: interpreter.text};
  const shared = findScalar(node, 'shared');
  const place = shared ?? findScalar(node, 'venv');
  const directory = (place && findPath(place, problems)) ?? projectPath('.venv');
  return {kind: 'venv', directory, ...(shared !== undefined && {packages: 'shared'})};
}

function readPools({root, options}: Loading): ReadonlyMap<string, number> {
  const pools = new Map([
    ['accelerator', 1],
    ['cpu', options.cores ?? 1],
  ]);
  for (const [name, {node}] of membersOf(findMap(root, 'resources')))
    if (node.kind === 'scalar' && typeof node.value === 'number') pools.set(name, node.value);
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

// What is said of a whole value, a part of which the schema has refused already, is mostly about what is left of it.
function withoutEchoes(problems: readonly Diagnostic[], refused: readonly Diagnostic[]): readonly Diagnostic[] {
  return problems.filter((entry) => refused.includes(entry) || !refused.some(({span}) => isInside(span, entry.span)));
}

function isInside(part: Span | undefined, whole: Span | undefined): boolean {
  if (part === undefined || whole === undefined || part.file !== whole.file) return false;
  return part.offset >= whole.offset && part.offset + part.length <= whole.offset + whole.length && part.length < whole.length;
}

// Experiments share the lines that they come from: one mistake there is one problem, however many of them it meets. So is a name that
// stands for nothing, however often it is used.
function inOrder(problems: readonly Diagnostic[], sources: readonly string[]): readonly Diagnostic[] {
  const files = new Map(sources.map((file, index) => [file, index]));
  const rank = ({span}: Diagnostic): number => (span === undefined ? -1 : (files.get(span.file) ?? files.size));
  const sorted = problems.toSorted((left, right) => rank(left) - rank(right) || (left.span?.offset ?? 0) - (right.span?.offset ?? 0));
  const places = new Set<string>();
  const byName = new Map<string, Diagnostic>();
  for (const entry of sorted) {
    const place = `${entry.code}\n${entry.span === undefined ? entry.message : `${entry.span.file}\n${entry.span.offset}`}`;
    if (places.has(place)) continue;
    places.add(place);
    const name = entry.code === 'FTS203' ? entry.message : place;
    const earlier = byName.get(name);
    byName.set(name, earlier === undefined ? entry : alsoAt(earlier, entry.span));
  }
  return [...byName.values()];
}

function alsoAt(entry: Diagnostic, span: Span | undefined): Diagnostic {
  return span === undefined ? entry : {...entry, see: [...(entry.see ?? []), {span, note: 'and here'}]};
}
