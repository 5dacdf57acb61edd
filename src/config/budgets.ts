// Reads the section `budgets`, the model files that it names, and the sections `tasks` and `shapes`.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {suggestion} from '../base/suggest.ts';
import {parseCount, parseDuration} from '../base/units.ts';
import type {Declared} from './datasets.ts';
import {findSibling, readMapping} from './include.ts';
import type {TextReader} from './include.ts';
import {layerOf, ranks} from './layer.ts';
import type {Layer} from './layer.ts';
import {findMember, findNumber, findScalar, membersOf} from './located.ts';
import type {Located, LocatedMap, LocatedScalar, Member} from './located.ts';
import {checkName} from './names.ts';
import {architectureNames, isArchitectureName} from './slices.ts';
import type {Budget} from './study.ts';

export interface DeclaredBudget {
  readonly budget: Budget;
  /** The fixed architecture of its model file. */
  readonly model: Layer | undefined;
}

export interface BudgetContext {
  readonly disk: TextReader;
  /** Files that were read on the way. */
  readonly sources: Set<string>;
  readonly problems: Diagnostic[];
}

export const usualTolerance = 0.25;

export function readBudgets(section: LocatedMap | undefined, context: BudgetContext): Declared<DeclaredBudget> {
  return new Map(membersOf(section).map(([name, member]) => [name, readBudget(name, member, context)]));
}

function readBudget(name: string, {keySpan, node}: Member, context: BudgetContext): DeclaredBudget | undefined {
  const wrong = checkName(name, 'a budget', keySpan);
  if (wrong !== undefined) context.problems.push(wrong);
  const params = readCount(findScalar(node, 'params'));
  if (wrong !== undefined || params === undefined) return undefined;
  const estimate = findMember(node, 'estimate');
  const trialMs = readDuration(estimate, 'trial');
  const trainingMs = readDuration(estimate, 'training');
  const file = findScalar(node, 'model');
  const model = file === undefined ? undefined : readModel(name, file, context);
  if (file !== undefined && model === undefined) return undefined;
  const budget: Budget = {
    name,
    params,
    tolerance: findNumber(node, 'tolerance') ?? usualTolerance,
    ...(trialMs !== undefined && {trialMs}),
    ...(trainingMs !== undefined && {trainingMs}),
    span: keySpan,
  };
  return {budget, model};
}

function readCount(node: LocatedScalar | undefined): number | undefined {
  if (typeof node?.value === 'number') return node.value;
  return node === undefined ? undefined : parseCount(node.text);
}

function readDuration(node: Located | undefined, name: string): number | undefined {
  const text = findScalar(node, name)?.text;
  return text === undefined ? undefined : parseDuration(text);
}

// A model file holds the four numbers of an architecture and nothing else.
function readModel(budget: string, file: LocatedScalar, {disk, sources, problems}: BudgetContext): Layer | undefined {
  // Relative to the file that names it, as an include is.
  const path = findSibling(file.span.file, file.text);
  const read = path === undefined ? undefined : readMapping(disk, path, {span: file.span, help: modelHelp});
  if (read === undefined || path === undefined) {
    problems.push(problem('FTS206', `${JSON.stringify(file.text)} is no path inside the workspace`, {span: file.span}));
    return undefined;
  }
  sources.add(path);
  const wrong = read.ok ? findModelProblems(read.value, path) : read.error;
  problems.push(...wrong);
  if (!read.ok || wrong.length > 0) return undefined;
  const values = new Map(membersOf(read.value).map(([name, member]) => [name, member.node]));
  return layerOf(values, {label: `budget ${budget}`, rank: ranks.budget});
}

const modelHelp = 'The path of a model file is relative to the file that names it.';

function findModelProblems(model: LocatedMap, path: string): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  for (const [name, {keySpan, node}] of model.members) {
    const help = suggestion(name, architectureNames, 'Allowed here');
    if (!isArchitectureName(name)) problems.push(problem('FTS110', `unknown key "${name}" in a model file`, {span: keySpan, help}));
    else if (!isWholeFromOne(node)) problems.push(problem('FTS111', `expected a whole number from 1 on for ${name}`, {span: node.span}));
  }
  for (const name of architectureNames) {
    if (!model.members.has(name))
      problems.push(problem('FTS113', `${path} lacks "${name}"`, {span: {...model.span, length: Math.min(1, model.span.length)}}));
  }
  return problems;
}

function isWholeFromOne(node: Located): boolean {
  return node.kind === 'scalar' && typeof node.value === 'number' && Number.isInteger(node.value) && node.value >= 1;
}
