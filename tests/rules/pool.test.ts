// A run takes the slots of the device that it will run on.
import {expect, test} from 'vitest';
import {starterStudy} from '../../src/config/starter.ts';
import {graphOf} from '../../src/rules/nodes.ts';
import {studyFromText} from '../support/studies.ts';

const {context} = studyFromText(starterStudy({project: 'study', data: 'sp500', budgets: ['6K']}));

function poolsWith(hasAccelerator: boolean): ReadonlySet<string | undefined> {
  const graph = graphOf({...context, hasAccelerator});
  if (!graph.ok) throw new Error('unreachable: the starter study is sound');
  return new Set(graph.value.nodes.filter(({rule}) => rule === 'hpo' || rule === 'training').map(({cost}) => cost.pool));
}

test('`device: auto` takes a slot of the CPU where there is no accelerator, so that a first study uses all cores', () => {
  expect(poolsWith(false)).toEqual(new Set(['cpu']));
  expect(poolsWith(true)).toEqual(new Set(['accelerator']));
});
