// What the summary of a build says of its trials.
import {expect, test} from 'vitest';
import {plainPaint} from '../../src/ui/paint.ts';
import {summaryReporter} from '../../src/ui/summary.ts';
import {bestOf, study, StudyBench} from '../support/search-bench.ts';

function reporterTo(lines: string[]): ReturnType<typeof summaryReporter> {
  const print = (line: string): void => void lines.push(line);
  return summaryReporter({level: 'normal', paint: plainPaint, print, lastLines: () => [], pathFor: (file) => file});
}

function trial(ended: number, cached: boolean): Readonly<Record<string, string | number | boolean>> {
  return {event: 'trial_ended', trial: ended - 1, state: 'complete', ended, expected: 3, cached};
}

test('a build says how many trials it evaluated, and how many it looked up', async () => {
  const bench = new StudyBench([study('x', {params: {subset: 1}}), study('y')]);
  for (const [name, cached] of [
    ['x', false],
    ['y', true],
  ] as const) {
    const run = bench.jobs.get(bestOf(name))!;
    bench.jobs.set(bestOf(name), (command) => {
      const script = run(command);
      return {...script, progress: [trial(1, false), trial(2, cached), ...(script.progress ?? [])]};
    });
  }
  const lines: string[] = [];
  const built = await bench.build({onEvent: reporterTo(lines)});
  expect(built.summary.trials).toEqual({evaluated: 3, cached: 1, hitRate: 0.25});
  expect(built.events.at(-1)).toMatchObject({type: 'build_ended', summary: {trials: {evaluated: 3, cached: 1}}});
  expect(lines.at(-1)).toBe('  trials: 3 evaluated, 1 from the cache (25 % of 4)');
});

test('a build without a search says nothing of trials', async () => {
  const bench = new StudyBench([study('x')]);
  await bench.build();
  const lines: string[] = [];
  const built = await bench.build({onEvent: reporterTo(lines)});
  expect(built.summary.trials).toEqual({evaluated: 0, cached: 0, hitRate: null});
  expect(lines.join()).not.toContain('trials');
});
