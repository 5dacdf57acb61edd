// Conditions: what they may speak of, and what becomes of them when a value is unknown.
import fc from 'fast-check';
import {expect, test} from 'vitest';

import {checkExpressions, compileExpression, evaluateExpression} from '../../src/config/expression.ts';
import {checkVariables} from '../../src/config/variables.ts';
import {replaced, shown, studyOf} from './texts.ts';

test('a condition compares numbers, whole ones and others alike', () => {
  const values = {val_loss: 0.5, base_rate_entropy: 0.6, val: {windows: 348}};
  expect(evaluateExpression('val_loss < base_rate_entropy', values)).toEqual({
    holds: true,
    detail: 'val_loss = 0.5, base_rate_entropy = 0.6',
  });
  expect(evaluateExpression('2 * val_loss == 1 && val.windows >= 300', values).holds).toBe(true);
  expect(evaluateExpression('val.windows >= 349', values)).toEqual({holds: false, detail: 'val.windows = 348'});
});

test('a condition on a value that a result lacks does not apply to it', () => {
  expect(evaluateExpression('prediction_std > 0.01', {prediction_std: null})).toEqual({
    holds: 'not_applicable',
    detail: 'prediction_std = unknown',
  });
});

test('a condition that cannot be read does not hold', () => {
  expect(evaluateExpression('val_loss >', {val_loss: 1}).holds).toBe(false);
});

test('a condition that cannot be evaluated does not hold, and says why', () => {
  const values = {val_loss: 0.3};
  const whys = {
    '10 / int(val_loss) > 5': 'division by zero',
    '10 % int(val_loss) > 5': 'modulo by zero',
    '9223372036854775807 + int(val_loss) + 1 > 0': 'integer overflow: 9223372036854775808',
    'val_loss > 0 && "a".matches("(")': 'Invalid regular expression: (',
    'val_loss > 0 && [1, 2][7] > 1': 'No such key: index out of bounds, index 7 >= size 2',
    'val_loss > 0 && dyn(1) + dyn("a") == "b"': 'no such overload: dyn<int> + dyn<string>',
    'val_loss > 0 && timestamp("x") > timestamp("y")': 'timestamp() requires a string in ISO 8601 format',
  };
  for (const [text, why] of Object.entries(whys))
    expect(evaluateExpression(text, values)).toEqual({holds: false, detail: `it could not be evaluated: ${why}; val_loss = 0.3`});
});

test('a condition that does not end is cut off', () => {
  const digits = '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]';
  const nested = (depth: number): string => (depth === 0 ? 'true' : `${digits}.all(x${String(depth)}, ${nested(depth - 1)})`);
  for (const text of [`"${'a'.repeat(60)}b".matches("^(a+)+$") && val_loss > 0`, `${nested(9)} && val_loss > 0`]) {
    const {holds, detail} = evaluateExpression(text, {val_loss: 1});
    expect([holds, detail]).toEqual([false, 'it could not be evaluated: it did not end within 100 ms; val_loss = 1']);
  }
});

test('whatever is written as a condition is answered', () => {
  const words = [
    'val_loss',
    'val.windows',
    '0',
    '1',
    '-1',
    '9223372036854775807',
    '1.5',
    'int(',
    'double(',
    'string(',
    '"a"',
    '[1, 2]',
    '{"a": 1}',
  ];
  const signs = [
    '+',
    '-',
    '*',
    '/',
    '%',
    '>',
    '==',
    '&&',
    '||',
    '!',
    '?',
    ':',
    '[',
    ']',
    '(',
    ')',
    '.size()',
    '.map(x, x / 0)',
    '.matches("(")',
    'in',
  ];
  const written = fc.array(fc.constantFrom(...words, ...signs), {maxLength: 9}).map((pieces) => pieces.join(' '));
  fc.assert(
    fc.property(written, fc.option(fc.double(), {nil: null}), (text, loss) => {
      for (const condition of [text, `${text} > 0`, `(${text}) == 1`])
        expect([true, false, 'not_applicable']).toContain(evaluateExpression(condition, {val_loss: loss, val: {windows: 3}}).holds);
    }),
    {numRuns: 300},
  );
});

test('a condition that is nested too deeply cannot be read', () => {
  for (const text of [`${'!'.repeat(100_000)}true`, `val_loss > 0 ${'&& val_loss > 0 '.repeat(20_000)}`]) {
    expect(compileExpression(text, checkVariables)).toMatchObject({ok: false, error: {code: 'FTS250'}});
    expect(evaluateExpression(text, {val_loss: 1}).holds).toBe(false);
  }
});

test('problems are shown at their places', () => {
  const text = replaced(
    'defaults: {tier: a20}',
    'defaults:\n  tier: a20\n  checks:\n    - prediction_sdt > 0.1\n    - {expr: test_accuracy > 0.5}\n    - val_loss\n    - "val_loss >"\n  assert: [val.window >= 3]',
  );
  const problems = checkExpressions(studyOf(text));
  expect(problems.map(shown)).toEqual([
    'experiments.yaml:14:7: FTS251 there is no "prediction_sdt" to speak of here',
    'experiments.yaml:15:14: FTS251 there is no "test_accuracy" to speak of here',
    'experiments.yaml:16:7: FTS252 "val_loss" is a double, not a condition',
    'experiments.yaml:17:7: FTS250 the condition cannot be read: Unexpected token: EOF',
    'experiments.yaml:18:16: FTS251 there is no "val.window" to speak of here',
  ]);
  expect(problems[0]?.help).toBe('Did you mean "prediction_std"?');
  expect(problems[0]?.span?.length).toBe('prediction_sdt'.length);
  expect(problems[4]?.span?.length).toBe('window'.length);
  expect(problems[4]?.help).toMatch(/"val\.windows"/);
});

test('a part of a condition in quotes is shown in its place, and all of one that is written otherwise than it is read', () => {
  const placed = (written: string): readonly unknown[] =>
    checkExpressions(studyOf(replaced('tier: a20}', `tier: a20, checks: [${written}]}`))).map(({span}) => [span?.column, span?.length]);
  expect(placed("'auc > 0.1 && val.aux > 1'")).toEqual([[50, 3]]);
  expect(placed('"auc\\x20> 0.1 && val.aux > 1"')).toEqual([[32, 29]]);
});

test('a metric of the test split is sealed, and the help says so', () => {
  for (const name of ['test.auc', 'test.loss', 'test_accuracy', 'test . loss']) {
    const compiled = compileExpression(`auc > 0.1 && ${name} > 0.5`, checkVariables);
    const {message, help = ''} = compiled.ok ? {message: ''} : compiled.error;
    expect(message).toBe(`there is no "${name.replaceAll(' ', '')}" to speak of here`);
    expect(help).toMatch(/^Test metrics are sealed: .* test\.windows alone/);
  }
  const near = compileExpression('test.window > 3', checkVariables);
  expect(near.ok ? '' : near.error.help).toBe('Did you mean "test.windows"?');
});

test('nothing of the sealed test split but its size can be named', () => {
  expect(Object.keys(checkVariables).filter((name) => name.includes('test'))).toEqual(['test.windows']);
});

test('an expression is no program', () => {
  for (const text of ['process.exit(1)', 'constructor', '__proto__', 'val_loss.constructor("x")()', 'globalThis']) {
    expect(compileExpression(text, checkVariables).ok).toBe(false);
  }
});
