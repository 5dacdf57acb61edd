// What the phases refer to by name: datasets, budgets, tasks, tiers and shapes.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {suggestion} from '../base/suggest.ts';
import type {DeclaredBudget} from './budgets.ts';
import type {Declared} from './datasets.ts';
import {dimensionText} from './filter.ts';
import {readLayer} from './layer.ts';
import type {NamedShape} from './layer.ts';
import {findMap, membersOf} from './located.ts';
import type {LocatedMap, LocatedScalar} from './located.ts';
import type {Shapes} from './merge.ts';
import {checkName, findChangedNumber} from './names.ts';
import type {Dataset} from './study.ts';
import type {Task} from './tasks.ts';
import type {TierTable} from './tiers.ts';

export interface Sections {
  readonly datasets: Declared<Dataset>;
  readonly budgets: Declared<DeclaredBudget>;
  readonly tasks: Declared<Task>;
  readonly shapes: Shapes;
  readonly tiers: TierTable;
  /** Every name as it is written, wrong entries included; undefined for a section that is not there at all. */
  readonly written: ReadonlyMap<Referable, ReadonlySet<string> | undefined>;
}

export type Referable = 'budget' | 'task' | 'data' | 'tier' | 'shape';

const sectionNames = {budget: 'budgets', task: 'tasks', data: 'data', shape: 'shapes'} as const;

/** From the tree as it was written: what the schema refused is still a name that one may refer to. */
export function writtenNames(root: LocatedMap, tiers: TierTable): Sections['written'] {
  const keys = (what: keyof typeof sectionNames): ReadonlySet<string> | undefined => {
    const section = findMap(root, sectionNames[what]);
    return section && new Set(section.members.keys());
  };
  return new Map<Referable, ReadonlySet<string> | undefined>([
    ['budget', keys('budget')],
    ['task', keys('task')],
    ['data', keys('data')],
    ['tier', new Set(tiers.keys())],
    // Unlike the other sections this one need not be there.
    ['shape', keys('shape') ?? new Set()],
  ]);
}

export function isReferable(name: string): name is Referable {
  return name === 'tier' || name in sectionNames;
}

export function checkReference(what: Referable, text: LocatedScalar, {written}: Sections): readonly Diagnostic[] {
  const changed = typeof text.value === 'number' ? findChangedNumber(text.value, text.text) : undefined;
  if (changed !== undefined) return [problem('FTS118', changed.message, {span: text.span, help: changed.help})];
  return checkNamed(what, {name: dimensionText(text), span: text.span}, written.get(what));
}

export function checkShapeReference(shape: NamedShape | undefined, {written}: Sections): readonly Diagnostic[] {
  return shape === undefined ? [] : checkNamed('shape', shape, written.get('shape'));
}

function checkNamed(what: Referable, {name, span}: NamedShape, known: ReadonlySet<string> | undefined): readonly Diagnostic[] {
  if (known === undefined || known.has(name)) return [];
  const noun = what === 'data' ? 'dataset' : what;
  return [problem('FTS203', `there is no ${noun} "${name}"`, {span, help: suggestion(name, known, `Known ${noun}s`)})];
}

export function readShapes(section: LocatedMap | undefined, problems: Diagnostic[]): Shapes {
  return new Map(
    membersOf(section).map(([name, {keySpan, node}]) => {
      const wrong = checkName(name, 'a shape', keySpan);
      if (wrong !== undefined) problems.push(wrong);
      const layer = readLayer(node.kind === 'map' ? node : undefined, {label: `shape ${name}`, rank: 0}, problems);
      return [name, wrong === undefined ? layer.common : undefined] as const;
    }),
  );
}
