// Which nodes the words on the command line mean: paths, prefixes, globs, experiments, groups, phases, dimensions.
import picomatch from 'picomatch';
import {problem, type Diagnostic} from '../base/diagnostic.ts';
import {findProjectPath} from '../base/ids.ts';
import {failure, success, type Result} from '../base/result.ts';
import {findAllNearest, findNearestFew, listed} from '../base/suggest.ts';
import type {Graph} from './graph.ts';
import type {Node} from './node.ts';

export const groupNames = ['all', 'environment', 'data', 'scripts', 'hpo', 'training', 'report'] as const;

/** What a word may have been meant as besides a target. */
export const verbNames: readonly string[] = [
  ...['init', 'check', 'watch', 'diff', 'why', 'status', 'list', 'graph', 'doctor', 'adopt', 'invalidate', 'gc'],
  ...['pause', 'resume', 'stop', 'unlock', 'clean', 'fsck', 'data', 'schema', 'completion', 'help'],
];

export interface Selection {
  readonly targets: readonly string[];
  readonly only: readonly DimensionFilter[];
  readonly except: readonly DimensionFilter[];
}

export interface DimensionFilter {
  readonly dimension: string;
  readonly values: readonly string[];
}

const globSigns = /[*?[\]{}]/;

/** Every target must match something; the filters then narrow what is bound to an experiment. */
export function selectNodes(graph: Graph, selection: Selection): Result<readonly Node[]> {
  const problems: Diagnostic[] = [...[...selection.only, ...selection.except].flatMap((filter) => filterProblems(graph, filter))];
  const chosen = new Set<Node>();
  for (const target of selection.targets) {
    const matches = matchesOf(graph, target);
    if (matches.length === 0) problems.push(noSuchTarget(graph, target));
    for (const node of matches) chosen.add(node);
  }
  if (problems.length > 0) return failure(problems);
  const nodes = graph.nodes.filter((node) => chosen.has(node) && passes(node, selection));
  if (nodes.length > 0) return success(nodes);
  return failure([
    problem('FTS402', `nothing of ${selection.targets.join(' ')} is left by --only and --except`, {
      help: '`ftsbuild list` shows the dimensions of each target',
    }),
  ]);
}

/** `budget=20M` or `horizon=1,3`. */
export function parseFilter(text: string): Result<DimensionFilter> {
  const [dimension, values, ...rest] = text.split('=');
  if (!dimension || !values || rest.length > 0) {
    return failure([
      problem('FTS403', `"${text}" is no filter`, {help: 'write it as DIMENSION=VALUE[,VALUE...], for instance budget=20M or horizon=1,3'}),
    ]);
  }
  return success({dimension: dimension.trim(), values: values.split(',').map((value) => value.trim())});
}

function matchesOf(graph: Graph, target: string): readonly Node[] {
  return graph.nodes.filter(matcherOf(graph, target));
}

function matcherOf(graph: Graph, target: string): (node: Node) => boolean {
  const group = groupMatcher(target);
  if (group !== undefined) return group;
  // A phase may have the name of a verb: as a path it is no verb.
  const name = target.replace(/^\.\//, '');
  if (graph.nodes.some((node) => node.phase === name)) return (node) => node.phase === name;
  if (graph.nodes.some((node) => node.experiment === name)) return (node) => node.experiment === name;
  if (globSigns.test(target)) {
    const matches = picomatch(target.replace(/^\.\//, ''));
    return (node) => node.outputs.some((output) => matches(output.path) || matches(parentOf(output.path)));
  }
  const path = findProjectPath(target);
  const isAt = (node: Node): boolean => path !== undefined && node.outputs.some((output) => isUnder(output.path, path));
  if (graph.nodes.some(isAt)) return isAt;
  // Names of experiments begin with those of phase and budget: what they have in common means all of them.
  return ({experiment}) => experiment !== undefined && isUnder(experiment, target);
}

function groupMatcher(target: string): ((node: Node) => boolean) | undefined {
  if (target === 'all') return () => true;
  if (target === 'scripts') return (node) => node.rule === 'script';
  if (target === 'hpo') return (node) => node.rule === 'hpo' || node.rule === 'borrow';
  const rule = groupNames.find((name) => name === target);
  return rule === undefined ? undefined : (node) => node.rule === rule;
}

// A path means itself, what lies under it, and names that go on after it at a `_`: outputs/hpo/phase6a_2M_h1 is no prefix of ..._h10.
function isUnder(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false;
  const next = path.charAt(prefix.length);
  return next === '' || next === '/' || next === '_';
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function passes(node: Node, selection: Selection): boolean {
  if (node.experiment === undefined) return selection.only.length === 0 || node.rule === 'report';
  return selection.only.every((filter) => holds(node, filter)) && !selection.except.some((filter) => holds(node, filter));
}

function holds(node: Node, filter: DimensionFilter): boolean {
  const value = node.dims.get(filter.dimension);
  return (
    value !== undefined && filter.values.some((wanted) => wanted === value || (filter.dimension === 'horizon' && wanted === `h${value}`))
  );
}

function filterProblems(graph: Graph, filter: DimensionFilter): Diagnostic[] {
  const known = new Map<string, Set<string>>();
  for (const node of graph.nodes)
    for (const [name, value] of node.dims) (known.get(name) ?? known.set(name, new Set()).get(name))?.add(value);
  const values = known.get(filter.dimension);
  if (values === undefined)
    return [problem('FTS404', `there is no dimension "${filter.dimension}"`, choiceOf(filter.dimension, [...known.keys()]))];
  return filter.values
    .filter((value) => !values.has(value) && !(filter.dimension === 'horizon' && values.has(value.replace(/^h/, ''))))
    .map((value) => problem('FTS404', `no target has ${filter.dimension}=${value}`, choiceOf(value, [...values])));
}

/** Verbs of other tools. A build has none here, and a dry run is an option of it. */
const insteadOf: ReadonlyMap<string, string> = new Map([
  ...['run', 'build', 'make', 'start'].map((word) => [word, 'a build has no verb: `ftsbuild all`, or the targets in its place'] as const),
  ...['dry-run', 'dryrun', 'plan'].map((word) => [word, 'a dry run is an option: `ftsbuild all --dry-run`'] as const),
]);

/** For a word that is no target of the study, whatever else it may be near to. */
export function adviseInstead(word: string): string | undefined {
  return insteadOf.get(word);
}

function noSuchTarget(graph: Graph, target: string): Diagnostic {
  const instead = adviseInstead(target);
  if (instead !== undefined) return problem('FTS401', `nothing is called "${target}"`, {help: instead});
  const meant = findMeantTargets(graph, target);
  return problem('FTS401', `nothing is called "${target}"`, helpWith([...nearVerbs(target), ...meant]));
}

const mostSuggested = 3;
const mostMisspelt = 2;

// A target is mistyped in one of its words, more often than not: what is near to that word, in its place, must mean something.
function findMeantTargets(graph: Graph, target: string): readonly string[] {
  const words = new Set<string>(graph.nodes.flatMap((node) => node.outputs.flatMap(({path}) => path.split(/[/_]/))));
  const parts = target.replace(/^\.\//, '').split(/([/_*?[\]{},]+)/);
  const isGlob = globSigns.test(target);
  const isKnown = (word: string): boolean => word === '' || words.has(word) || (isGlob && [...words].some((known) => known.includes(word)));
  const misspelt = [...parts.keys()].filter((index) => index % 2 === 0 && !isKnown(parts[index] ?? ''));
  if (misspelt.length > mostMisspelt) return findNearTargets(graph, target);
  const corrected = misspelt.reduce<readonly (readonly string[])[]>(
    (found, index) => {
      const near = findAllNearest(parts[index] ?? '', words).slice(0, mostSuggested);
      return found.flatMap((one) => near.map((word) => one.with(index, word)));
    },
    [parts],
  );
  const meant = corrected
    .map((one) => one.join(''))
    .flatMap((text) => (matchesOf(graph, text).length > 0 ? [text] : findInFolders(graph, text)));
  return meant.length > 0 ? [...new Set(meant)].slice(0, mostSuggested) : findNearTargets(graph, target);
}

/** Prefixes of paths that end like this: the target was written without its folder. */
function findInFolders(graph: Graph, target: string): readonly string[] {
  const found = new Set<string>();
  for (const {path} of graph.nodes.flatMap((node) => node.outputs)) {
    const start = path.indexOf(`/${target}`) + 1;
    if (start > 0 && isUnder(path, path.slice(0, start + target.length))) found.add(path.slice(0, start + target.length));
  }
  return [...found];
}

function findNearTargets(graph: Graph, target: string): readonly string[] {
  const names = new Set<string>(groupNames);
  for (const node of graph.nodes) {
    if (node.phase !== undefined) names.add(node.phase);
    if (node.experiment !== undefined) names.add(node.experiment);
    for (const output of node.outputs) names.add(target.endsWith('/') || !/\.\w+$/.test(target) ? parentOf(output.path) : output.path);
  }
  return findNearestFew(target, names, mostSuggested);
}

/** Verbs that may have been meant by a word, as they are suggested. */
export function nearVerbs(word: string): readonly string[] {
  const begun = word.length < 3 ? [] : verbNames.filter((verb) => verb.startsWith(word));
  return [...new Set([...begun, ...findNearestFew(word, verbNames, 1)])].map((verb) => `${verb} (a command)`);
}

function choiceOf(word: string, names: readonly string[]): {help: string} {
  const meant = findNearestFew(word, names, 3);
  return meant.length > 0 ? helpWith(meant) : {help: `there is ${listed(names)}`};
}

function helpWith(meant: readonly string[]): {help: string} {
  return {help: meant.length > 0 ? `did you mean ${meant.join(', ')}?` : '`ftsbuild list` shows every target'};
}
