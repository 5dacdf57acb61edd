// Finds what the file declares and nothing uses: budgets, tasks, shapes and datasets. No part of a file may be without effect unsaid.
import {warning} from '../base/diagnostic.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {findMap, membersOf} from './located.ts';
import type {Located, LocatedMap} from './located.ts';
import type {Experiment} from './study.ts';

/** `experiments` are all of the file; under a profile that leaves some out nothing can be said. */
export function findUnused(root: LocatedMap, experiments: readonly Experiment[]): readonly Diagnostic[] {
  const used = {
    data: new Set(experiments.map(({dataset}) => dataset.name)),
    budgets: new Set(experiments.map(({budget}) => budget.name)),
    tasks: new Set(experiments.map(({identity}) => identity.task)),
    shapes: new Set(findNamed(root, 'shape')),
  };
  const nouns = {data: 'dataset', budgets: 'budget', tasks: 'task', shapes: 'shape'} as const;
  return (['data', 'budgets', 'tasks', 'shapes'] as const).flatMap((section) =>
    membersOf(findMap(root, section)).flatMap(([name, {keySpan}]) =>
      used[section].has(name)
        ? []
        : [
            warning('FTS216', `no experiment uses the ${nouns[section]} "${name}"`, {
              span: keySpan,
              help: 'Use it in a phase, or remove it.',
            }),
          ],
    ),
  );
}

// A shape is named wherever parameters are: in a layer, or among the values of a dimension.
function findNamed(node: Located, key: string): readonly string[] {
  if (node.kind === 'scalar') return [];
  if (node.kind === 'list') return node.items.flatMap((item) => findNamed(item, key));
  return [...node.members].flatMap(([name, member]) => [...(name === key ? textsIn(member.node) : []), ...findNamed(member.node, key)]);
}

function textsIn(node: Located): readonly string[] {
  if (node.kind === 'scalar') return [node.text];
  return node.kind === 'list' ? node.items.flatMap(textsIn) : [];
}
