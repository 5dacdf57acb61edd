// How a build stands, folded from its event stream.
import {expect, test} from 'vitest';
import {elapsedMs, timeLeft, workedMs} from '../../src/ui/view.ts';
import {at, ended, epoch, progress, run, seconds, start, started, trialEnded, viewOf} from '../support/streams.ts';

const now = (second: number): number => start + second * 1000;
const plan = (sum: number, span: number, unknown = 0) => ({sequential: seconds(sum), parallel: seconds(span), unknown});
const begun = {time: at(0), type: 'build_started', wanted: 4} as const;

test('a running search is known by its trials, its epoch and the best value; a training by its epochs and its lowest loss', () => {
  const view = viewOf(
    ...[begun, started('a'), progress('a', 1, trialEnded(12, 50, 0.34)), progress('a', 2, epoch(3, 20, 0.9))],
    ...[started('b', {rule: 'training'}), progress('b', 1, epoch(1, 9, 0.5)), progress('b', 2, epoch(2, 9, 0.6))],
  );
  expect(view.running.get('a')).toMatchObject({trials: {ended: 12, expected: 50}, epochs: {epoch: 3, epochs: 20}, best: 0.34});
  expect(view.running.get('b')).toMatchObject({trials: undefined, epochs: {epoch: 2, epochs: 9}, best: 0.5});
});

test('the next trial begins without an epoch', () => {
  const lines = [begun, started('a'), progress('a', 1, epoch(3, 20, 0.9)), progress('a', 2, trialEnded(1, 5, 0.3))];
  expect(viewOf(...lines).running.get('a')?.epochs).toBeUndefined();
});

test('a node that ended is settled and runs no more; one that was held and starts is held no more', () => {
  const held = {time: at(0), type: 'node_held', node: 'b', label: 'hpo b', why: 'it is warm'} as const;
  const before = viewOf(begun, started('a'), held);
  expect([[...before.running.keys()], [...before.held.keys()]]).toEqual([['a'], ['b']]);
  const after = viewOf(begun, started('a'), held, ended('a', 3), started('b'));
  expect([after.settled, [...after.running.keys()], after.held.size]).toEqual([1, ['b'], 0]);
});

test('a line whose time is no date says nothing of how it stands', () => {
  const view = viewOf(begun, started('a'), {...started('b'), time: 'yesterday'});
  expect([...view.running.keys()]).toEqual(['a']);
});

test('without an estimate of the plan there is no time left', () => {
  expect(timeLeft(viewOf(run(), begun, started('a')), now(5))).toBeUndefined();
});

test('what ended, and what has been running, is taken from the time left', () => {
  const estimate = seconds(100);
  const lines = [run(plan(300, 300)), begun, started('a', {estimate})];
  expect(timeLeft(viewOf(...lines), now(40))).toMatchObject({seconds: 260, low_seconds: 110, high_seconds: 560});
  expect(timeLeft(viewOf(...lines, ended('a', 50, {estimate})), now(50))).toMatchObject({seconds: 200});
});

test('a node over its estimate takes nothing from the others', () => {
  const lines = [run(plan(300, 300)), begun, started('a', {estimate: seconds(100)})];
  expect(timeLeft(viewOf(...lines), now(1000))).toMatchObject({seconds: 200});
});

test('once a trial has ended, the speed of this run counts, and not that of the estimate', () => {
  const estimate = seconds(100);
  const lines = [run(plan(100, 100)), begun, started('a', {estimate}), progress('a', 58, trialEnded(1, 5, 0.3, 50))];
  expect(timeLeft(viewOf(...lines), now(58))).toMatchObject({seconds: 200, low_seconds: 140, high_seconds: 260});
  expect(timeLeft(viewOf(...lines, progress('a', 60, epoch(5, 10, 0.3))), now(60))).toMatchObject({seconds: 175});
});

test('a training counts by its epochs, also when it goes on after the fifth', () => {
  const lines = [run(plan(100, 100)), begun, started('a', {rule: 'training', estimate: seconds(100)}), progress('a', 9, epoch(6, 10, 0.3))];
  expect(timeLeft(viewOf(...lines), now(9))?.seconds).toBe(4);
});

test('trials that an earlier attempt ended are no work of this one', () => {
  const lines = [run(plan(100, 100)), begun, started('a'), progress('a', 10, trialEnded(31, 50, 0.3, 10))];
  // One trial in ten seconds, nineteen to go; the plan of 100 s was about others.
  const left = timeLeft(viewOf(...lines), now(10));
  expect(left?.seconds).toBe(100 + 190);
});

test('what runs side by side in the plan is taken to do so, but the slowest running node must end', () => {
  const side = viewOf(run(plan(400, 100)), begun);
  expect(timeLeft(side, now(0))?.seconds).toBe(100);
  const slow = viewOf(run(plan(400, 100)), begun, started('a', {estimate: seconds(300)}));
  expect(timeLeft(slow, now(0))?.seconds).toBe(300);
});

test('nodes without an estimate are counted, until they end or show their own speed', () => {
  const lines = [run(plan(10, 10, 2)), begun, started('a')];
  expect(timeLeft(viewOf(...lines), now(1))?.unknown).toBe(2);
  expect(timeLeft(viewOf(...lines, progress('a', 1, trialEnded(1, 5, 0.3))), now(1))?.unknown).toBe(1);
  expect(timeLeft(viewOf(...lines, ended('a', 2)), now(2))?.unknown).toBe(1);
});

test('a pause is no run time, neither while it lasts nor after it', () => {
  const paused = {time: at(10), type: 'paused', by: 'heat', why: '86 C'} as const;
  const lines = [begun, started('a'), paused];
  const during = viewOf(...lines);
  expect(workedMs(during, during.running.get('a')!, now(60))).toBe(10_000);
  const after = viewOf(...lines, {time: at(70), type: 'resumed', by: 'heat', why: '79 C'}, started('b', {time: 75}));
  expect([after.paused, workedMs(after, after.running.get('a')!, now(80))]).toEqual([undefined, 20_000]);
  expect(workedMs(after, after.running.get('b')!, now(80))).toBe(5000);
  expect(elapsedMs(after, now(80))).toBe(80_000);
});

test('a pause by heat and by a person lasts from the first cause to the last, and is told by what still holds', () => {
  const heat = {time: at(10), type: 'paused', by: 'heat', why: '86 C'} as const;
  const person = {time: at(20), type: 'paused', by: 'person', why: 'asked'} as const;
  const during = viewOf(begun, started('a'), heat, person, {...person, time: at(30), type: 'resumed'});
  expect(during.paused).toEqual({by: 'heat', why: '86 C', since: now(10)});
  expect(workedMs(during, during.running.get('a')!, now(60))).toBe(10_000);
  const after = viewOf(
    begun,
    started('a'),
    heat,
    person,
    {...person, time: at(30), type: 'resumed'},
    {...heat, time: at(70), type: 'resumed'},
  );
  expect([after.paused, workedMs(after, after.running.get('a')!, now(80))]).toEqual([undefined, 20_000]);
});
