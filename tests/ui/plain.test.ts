// The summary of a build in plain lines.
import {expect, test} from 'vitest';
import {plainPaint} from '../../src/ui/paint.ts';
import {plainReporter} from '../../src/ui/plain.ts';
import {bestOf, study, StudyBench} from '../support/search-bench.ts';

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
  const report = plainReporter({level: 'normal', paint: plainPaint, print: (line) => void lines.push(line)});
  const built = await bench.build({onEvent: report});
  expect(built.summary.trials).toEqual({evaluated: 3, cached: 1, hitRate: 0.25});
  expect(built.events.at(-1)).toMatchObject({type: 'build_ended', summary: {trials: {evaluated: 3, cached: 1}}});
  expect(lines.at(-1)).toBe('  trials: 3 evaluated, 1 from the cache (25 % of 4)');
});

test('a build without a search says nothing of trials', async () => {
  const bench = new StudyBench([study('x')]);
  await bench.build();
  const lines: string[] = [];
  const built = await bench.build({onEvent: plainReporter({level: 'normal', paint: plainPaint, print: (line) => void lines.push(line)})});
  expect(built.summary.trials).toEqual({evaluated: 0, cached: 0, hitRate: null});
  expect(lines.join()).not.toContain('trials');
});
