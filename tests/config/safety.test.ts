// The sections that protect machine and hours: usual values, units, and thresholds that must rise.
import {expect, test} from 'vitest';

import {usualSafety} from '../../src/config/safety.ts';
import {problemsOf, replaced, small, studyOf} from './texts.ts';

test('what the file does not say has its usual value', () => {
  expect(studyOf(small).safety).toEqual(usualSafety);
});

test('temperatures, durations and sizes are read with their units', () => {
  const text = `${small}thermal: {warn: 82.5, sample: 2s, max_wait: 30m, unknown: refuse, sensor: "file:temperature.txt"}
gates: {disk: 10GB, memory: 16GiB}
watchdog: {factor: 3, at_least: 90s, action: report}
monitor: {every: 1m}
retry: {killed: 2}
`;
  expect(studyOf(text).safety).toEqual({
    thermal: {
      ...usualSafety.thermal,
      warn: 82.5,
      sampleMs: 2_000,
      maxWaitMs: 1_800_000,
      unknown: 'refuse',
      sensor: {kind: 'file', path: 'temperature.txt'},
    },
    gates: {diskBytes: 1e10, memory: 16 * 2 ** 30},
    watchdog: {factor: 3, atLeastMs: 90_000, action: 'report'},
    monitorMs: 60_000,
    retryKilled: 2,
  });
});

test('thresholds that do not rise are refused, the usual ones included', () => {
  expect(problemsOf(`${small}thermal: {warn: 60}\n`)).toMatchObject([{code: 'FTS260', span: {line: 22}}]);
  expect(problemsOf(`${small}thermal: {resume: 85}\n`)).toMatchObject([{code: 'FTS260'}]);
  expect(problemsOf(`${small}thermal: {acceptable: 30, resume: 40, warn: 50, abort: 60}\n`)).toEqual([]);
});

test('a duration that a timer cannot keep, or that is over at once, is refused', () => {
  const refused = [
    'thermal: {sample: 30d}',
    'thermal: {sample: 99ms}',
    'thermal: {max_wait: 0s}',
    'watchdog: {at_least: 0s}',
    'monitor: {every: 25d}',
  ];
  for (const section of refused) expect(problemsOf(`${small}${section}\n`)).toMatchObject([{code: 'FTS261', span: {line: 22}}]);
  const taken = ['thermal: {sample: 100ms, max_wait: 1ms}', 'thermal: {sample: 24d, max_wait: 30d}', 'monitor: {every: 24d}'];
  for (const section of taken) expect(problemsOf(`${small}${section}\n`)).toEqual([]);
});

test('a canary is a property of its phase', () => {
  const [phase] = studyOf(replaced('    matrix:', '    canary: budget\n    matrix:')).phases;
  expect(phase?.canary).toBe('budget');
});
