// What a data step is told: the trading week only where it is said, and the labels that a file's own columns are tried against, outside of the key.
import {expect, test} from 'vitest';
import {small, replaced} from '../config/texts.ts';
import {studyFromText} from '../support/studies.ts';
import type {JobWork} from '../../src/graph/node.ts';

function dataJob(text: string): {readonly job: JobWork; readonly params: readonly string[]} {
  const node = studyFromText(text).graph.nodes.find(({rule}) => rule === 'data');
  if (node?.work.kind !== 'job') throw new Error('a study has data');
  return {job: node.work.job, params: [...node.params.keys()]};
}

const given = (more = ''): string => replaced('{builder: {source: arch.sp500, tiers: [a20, a100]}}', `{path: data/given.parquet${more}}`);

test('the usual trading week is in no key; another one is', () => {
  expect(dataJob(small).params).not.toContain('calendar');
  expect(dataJob(given(', calendar: mon-fri')).params).not.toContain('calendar');
  expect(dataJob(given(', calendar: sun-thu')).job.record['calendar']).toBe('sun-thu');
});

test("a file of one's own is tried against each label of the study once, and that is in no key", () => {
  const {job, params} = dataJob(given());
  const labels = job.extent['labels'];
  if (!Array.isArray(labels)) throw new Error('labels are a list');
  expect(labels).toHaveLength(3);
  expect(labels[0]).toMatchObject({
    'task.pct': 1,
    horizon: 1,
    context: 60,
    'split.mode': 'scattered',
    'split.seed': expect.any(Number) as number,
  });
  expect(params).not.toContain('labels');
  expect(dataJob(small).job.extent).toEqual({});
});
