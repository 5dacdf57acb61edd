// Figures: deterministic, readable by a screen reader, and with ticks a person would choose.
import {writeFileSync} from 'node:fs';
import {expect, test, vi} from 'vitest';
import {fitPowerLaw, type FitPoint} from '../../src/results/fits.ts';
import {bestSoFar, drawHistory} from '../../src/results/history-figure.ts';
import {drawScaling, type ScalingPanel} from '../../src/results/scaling-figure.ts';
import {findEvenTicks, findLogTicks, formatCount, formatDuration, formatFixed, formatWhole} from '../../src/results/numbers.ts';
import {knownFits} from './known-answers.ts';
import {normals} from './random.ts';
import {trialsOf} from './samples.ts';

function panel(title: string, points: readonly FitPoint[], verdict: string): ScalingPanel {
  return {title, points, fit: fitPowerLaw(points), verdict, baseRate: '27.1 %, loss 0.5841'};
}

function examplePanels(): ScalingPanel[] {
  const noise = normals(8);
  const seeds = [6e3, 2.4e4, 8.1e4, 3.14e5].flatMap((n) =>
    [1, 2, 3, 4, 5].map((replicate) => ({n, replicate, loss: n ** -0.06 * Math.exp(0.02 * noise())})),
  );
  const real = knownFits.map((known) => panel(`threshold_${known.horizon}pct`, known.points, 'no law shown'));
  return [...real, panel('threshold_5pct', seeds, 'law'), panel('two budgets', seeds.slice(0, 10), 'too few budgets')];
}

test('the scaling figure has the same bytes every time', async () => {
  const first = await drawScaling('Scaling, 1 day ahead', examplePanels());
  expect(await drawScaling('Scaling, 1 day ahead', examplePanels())).toBe(first);
  expect(first).toContain('<title id="title">Scaling, 1 day ahead</title>');
  expect(first).toContain('role="img"');
  expect(first).not.toMatch(/NaN|undefined|zr\d/);
  for (const text of ['>2M<', '>200M<', '>6K<', 'Loss (nats)', 'base rate 27.1 %, loss 0.5841', 'threshold_3pct'])
    expect(first).toContain(text);
  if (process.env['FIGURES'] !== undefined) writeFileSync(`${process.env['FIGURES']}/scaling.svg`, first);
});

test('a figure of too few sizes has no fit, and none in its legend; nothing is said on stderr', async () => {
  const said = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const figure = await drawScaling('Scaling', examplePanels().slice(-1));
  expect(said.mock.calls).toEqual([]);
  said.mockRestore();
  expect(figure).not.toContain('fitted power law');
});

test('the history figure has the same bytes every time, and survives a study without a completed trial', async () => {
  const draw = (): Promise<string> =>
    drawHistory(
      'Searches, 1 day ahead',
      [
        {
          title: 'threshold_1pct',
          studies: ['2M', '20M', '200M', '2B'].map((name, index) => ({name, trials: trialsOf(50 - 9 * index, index)})),
        },
        {
          title: 'threshold_3pct',
          studies: [
            {name: '2M', trials: trialsOf(50, 9)},
            {name: '20M', trials: []},
          ],
        },
      ],
      {metric: 'val_loss', goal: 'minimize'},
    );
  const first = await draw();
  expect(await draw()).toBe(first);
  expect(first).not.toMatch(/NaN|undefined|zr\d/);
  if (process.env['FIGURES'] !== undefined) writeFileSync(`${process.env['FIGURES']}/history.svg`, first);
});

test('the best so far skips pruned and failed trials', () => {
  const [first, second, third] = trialsOf(3, 1);
  if (first === undefined || second === undefined || third === undefined) throw new Error('no trials');
  const trials = [
    {...first, state: 'failed' as const, value: null},
    {...second, state: 'complete' as const, value: 0.5},
    {...third, state: 'pruned' as const, value: 0.1},
  ];
  expect(bestSoFar(trials, 'minimize')).toEqual([null, 0.5, 0.5]);
});

test('ticks are round and inside the range', () => {
  expect(findLogTicks(1.5e6, 2.6e9)).toEqual([1e7, 1e8, 1e9]);
  expect(findLogTicks(4e3, 5e5)).toEqual([5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5]);
  expect(findLogTicks(0.31, 0.37)).toEqual([0.31, 0.32, 0.33, 0.34, 0.35, 0.36, 0.37]);
  expect(findEvenTicks(0, 51)).toEqual([0, 10, 20, 30, 40, 50]);
});

test('numbers are written for a reader', () => {
  expect([6000, 2417473, 2e9, 999950, 12].map(formatCount)).toEqual(['6K', '2.42M', '2B', '1M', '12']);
  expect(formatWhole(1612608513)).toBe('1,612,608,513');
  expect([-0.00001, -0.25, null].map((value) => formatFixed(value, 3))).toEqual(['0.000', '−0.250', '–']);
  expect([42, 720, 17400, 633600].map(formatDuration)).toEqual(['42 s', '12 min', '4 h 50 min', '7 d 8 h']);
});
