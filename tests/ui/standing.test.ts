// What `status` says of a node.
import {expect, test} from 'vitest';
import {plainPaint} from '../../src/ui/paint.ts';
import {describeStandings, plainStandings, type Standing} from '../../src/ui/standing.ts';

const node = {id: 'x', label: 'hpo x', rule: 'hpo', outputs: [], dims: new Map()} as unknown as Standing['node'];
const standing: Standing = {
  ...{node, state: 'partial', reason: 'interrupted: killed', progress: {done: 2, expected: 6}},
  ...{isRemarkable: false, hasOwnReason: true, cost: 'nothing'},
};

test('what was stopped says how far it came', () => {
  expect(describeStandings([standing], plainPaint)).toContain('  partial 2/6 hpo x: interrupted: killed');
  expect(plainStandings([standing])).toMatchObject({targets: [{state: 'partial', reason: '2/6: interrupted: killed'}]});
});

test('a reason is told whole, with what it says of other nodes', () => {
  const reason = 'built on hpo y, which is invalid: leak in split';
  const invalid: Standing = {...standing, state: 'invalid', progress: undefined, reason};
  expect(describeStandings([invalid], plainPaint)).toContain(`  invalid hpo x: ${reason}`);
});
