// Whatever a file holds, loading it ends soon, with problems or a study: no exception, no hang.
import {expect, test} from 'vitest';
import {loadStudy} from '../../src/config/load.ts';
import {parseTiers} from '../../src/config/tiers.ts';
import type {Diagnostic} from '../../src/base/diagnostic.ts';
import {renderDiagnostics} from '../../src/ui/diagnostics.ts';
import {plainPaint} from '../../src/ui/paint.ts';
import {repositoryText} from '../support/studies.ts';
import {expensive, mutated, randomBelow, singleMistakes} from './mutations.ts';

const tiers = parseTiers(repositoryText('python/fts/data/tiers.json'));
if (!tiers.ok) throw new Error('the tiers are a table');
const table = tiers.value;

function problemsOf(text: string, profile?: string): readonly Diagnostic[] {
  const readText = (path: string): string | undefined => (path === 'experiments.yaml' ? text : undefined);
  const loaded = loadStudy({readText}, {file: 'experiments.yaml', tiers: table, ...(profile !== undefined && {profile})});
  return loaded.ok ? loaded.value.warnings : loaded.error;
}

test('300 mutated files load or are refused, and every problem can be shown', () => {
  for (let seed = 0; seed < 300; seed += 1) {
    const text = mutated(seed);
    for (const entry of problemsOf(text)) {
      expect(entry.code).toMatch(/^FTS\d{3}$/);
      expect(entry.message).not.toMatch(/undefined|\[object|NaN|call stack/);
      // A parser may point just behind the end.
      if (entry.span !== undefined) expect(entry.span.offset + entry.span.length).toBeLessThanOrEqual(text.length + 1);
      expect(renderDiagnostics([entry], () => text, plainPaint)).toContain(entry.code);
    }
  }
});

test.each(Object.keys(expensive))('%s: refused or read within seconds', (name) => {
  const text = expensive[name]?.() ?? '';
  const begun = performance.now();
  expect(problemsOf(text).length).toBeGreaterThan(0);
  expect(performance.now() - begun).toBeLessThan(10_000);
});

test('a mistake in a key or value of the real study is one problem at most', () => {
  const mistakes = singleMistakes('experiments.yaml');
  const random = randomBelow(1);
  for (let count = 0; count < 150; count += 1) {
    const text = mistakes[random(mistakes.length)] ?? '';
    const errors = problemsOf(text, count % 2 === 0 ? undefined : 'smoke').filter(({severity}) => severity === 'error');
    expect(errors.length, errors.map(({message}) => message).join('\n')).toBeLessThanOrEqual(1);
  }
});
