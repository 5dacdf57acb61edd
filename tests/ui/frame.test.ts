// The live view as lines of text.
import fc from 'fast-check';
import stringWidth from 'string-width';
import {expect, test} from 'vitest';
import {frame, type FrameOptions} from '../../src/ui/frame.ts';
import {plainPaint} from '../../src/ui/paint.ts';
import type {View} from '../../src/ui/view.ts';
import {at, epoch, progress, run, seconds, start, started, trialEnded, viewOf} from '../support/streams.ts';

const options: FrameOptions = {now: start + 3_661_000, paint: plainPaint, unicode: true};

function busy(nodes = 2, why = 'the machine is at 86 °C 高温 \u001b[31m\nwait'): View {
  const label = 'phase6a_20M_h1_threshold_1pct';
  return viewOf(
    run({sequential: seconds(10_000), parallel: seconds(8000), unknown: 0}),
    {time: at(0), type: 'build_started', wanted: 305},
    {time: at(1), type: 'temperature', state: 'acceptable', celsius: 71.4, pressure: null, source: 'hwmon', why: null},
    ...Array.from({length: nodes}, (_, n) => started(`${label}_${String(n)}`)),
    progress(`${label}_0`, 2, trialEnded(12, 50, 0.341234)),
    progress(`${label}_0`, 3, epoch(3, 50, 0.4)),
    {time: at(4), type: 'node_held', node: 'x', label: 'hpo x', why},
    {time: at(4), type: 'paused', by: 'heat', why},
  );
}

test('on a wide terminal a line says how far the build is, and one for each node how far that is', () => {
  expect(frame(busy(1, 'it is warm'), {columns: 120, rows: 24}, options)).toEqual([
    '0 of 305 done  elapsed 1h 1m  left 2h 13m (1h 7m to 4h 27m)  71°C acceptable',
    '  hpo phase6a_20M_h1_threshold_1pct_0  trial 13 of 50, epoch 3 of 50, best 0.3412, 4s',
    'paused for 1h: it is warm',
    'held: hpo x: it is warm',
  ]);
});

test('on a narrow terminal the progress stays, and the middle of the name goes', () => {
  const lines = frame(busy(1, 'it is warm'), {columns: 40, rows: 24}, options);
  expect(lines.join('\n')).toMatch(/^ {2}hpo p\w+…\w+_0 {2}trial 13 of 50$/m);
  expect(lines.join('\n')).toMatch(/0 of 305 done {2}elapsed 1h 1m\nleft .*\n71°C acceptable/);
});

test('no line is wider than the terminal, no frame is higher, whatever is in it', () => {
  const sizes = fc.record({columns: fc.integer({min: 1, max: 200}), rows: fc.integer({min: 2, max: 60})});
  fc.assert(
    fc.property(sizes, fc.integer({min: 0, max: 80}), fc.string({unit: 'grapheme'}), fc.boolean(), (size, nodes, why, unicode) => {
      const lines = frame(busy(nodes, why), size, {...options, unicode});
      expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(Math.max(1, size.columns - 1));
      expect(lines.length).toBeLessThan(size.rows);
      expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    }),
  );
});

test('where there are more running nodes than lines, the first are shown and the others counted', () => {
  const lines = frame(busy(100), {columns: 120, rows: 12}, options);
  expect(lines).toHaveLength(11);
  expect(lines.filter((line) => line.startsWith('  hpo '))).toHaveLength(7);
  expect(lines).toContain('  and 93 more running');
});

test('nodes that are held for the same reason share a line', () => {
  const held = ['a', 'b', 'c'].map(
    (node) => ({time: at(1), type: 'node_held', node, label: `hpo ${node}`, why: 'its canary runs'}) as const,
  );
  expect(frame(viewOf(...held), {columns: 80, rows: 24}, options)).toContain('held: 3 nodes: its canary runs');
});

test('without UTF-8 every character is ASCII', () => {
  const text = frame(busy(30), {columns: 50, rows: 20}, {...options, unicode: false}).join('\n');
  expect(text).toMatch(/^[ -~\n]*$/);
  expect(text).toContain('71 C acceptable');
});

test('a machine that tells no degrees shows how hard it is pressed', () => {
  const heavy = {
    time: at(1),
    type: 'temperature',
    state: 'warning',
    celsius: null,
    pressure: 'heavy',
    source: 'notifyutil',
    why: null,
  } as const;
  expect(frame(viewOf(heavy), {columns: 80, rows: 24}, options).join()).toContain('thermal pressure heavy warning');
});

test('a temperature is shown where there is a sensor, also when it fails; a machine without one shows none', () => {
  const none = {time: at(1), type: 'temperature', state: 'unknown', celsius: null, pressure: null, source: null, why: 'no sensor'} as const;
  expect(frame(viewOf(none), {columns: 80, rows: 24}, options).join()).not.toContain('temperature');
  const once = {...none, state: 'normal', celsius: 50, source: 'hwmon', why: null} as const;
  expect(frame(viewOf(once, none), {columns: 80, rows: 24}, options).join()).toContain('temperature unknown');
});
