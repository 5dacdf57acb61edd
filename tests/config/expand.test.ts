// Layers, points, cases, borrowing and profiles: which value an experiment ends up with, and from where.
import {describe, expect, test} from 'vitest';

import {get, load, problemsOf, recordOf, replaced, small, studyOf} from './texts.ts';
import type {ParameterRecord} from '../../src/config/study.ts';

const first = 'first_6K_h1_up1';

function valueOf(text: string, name: string, experiment = first): unknown {
  return recordOf(get(studyOf(text), experiment)).get(name)?.value;
}

function origin(record: ParameterRecord, name: string): string {
  const {value, from, span} = record.get(name) ?? {value: null, from: 'nowhere'};
  return `${JSON.stringify(value)} from ${from}${span === undefined ? '' : ` line ${span.line}`}`;
}

describe('layers', () => {
  test('the stronger layer wins: built-in, defaults, phase, point, case, profile', () => {
    const steps = [
      small,
      replaced('defaults: {tier: a20}', 'defaults: {tier: a20, threads: 2}'),
      replaced('    matrix:', '    threads: 3\n    matrix:', replaced('defaults: {tier: a20}', 'defaults: {tier: a20, threads: 2}')),
    ];
    expect(steps.map((text) => valueOf(text, 'threads'))).toEqual([1, 2, 3]);
    const inMatrix = replaced('matrix: {', 'matrix: {threads: [4], ', steps[2]);
    expect(valueOf(inMatrix, 'threads')).toBe(4);
    const withCase = replaced('    matrix:', '    cases: [{name: few, when: {budget: 6K}, set: {threads: 5}}]\n    matrix:', inMatrix);
    expect([valueOf(withCase, 'threads'), valueOf(withCase, 'threads', 'first_18K_h1_up1')]).toEqual([5, 4]);
    const study = studyOf(`${withCase}profiles: {fast: {threads: 6}}\n`, {profile: 'fast'});
    expect(origin(recordOf(get(study, first)), 'threads')).toMatch(/^6 from profile fast line/);
  });

  test('every value says which layer set it, and where', () => {
    const text = replaced('defaults: {tier: a20}', 'defaults: {tier: a20, context: 50, patch: {length: 5}}');
    const record = recordOf(get(studyOf(text), first));
    expect(origin(record, 'context')).toBe('50 from defaults line 11');
    expect(origin(record, 'patch.length')).toBe('5 from defaults line 11');
    expect(origin(record, 'patch.stride')).toBe('5 from built-in');
    expect(origin(record, 'task.pct')).toBe('1 from task up1 line 8');
    expect(origin(record, 'budget.params')).toBe('6000 from budget 6K line 5');
    expect(record.get('features')).toMatchObject({from: 'tier a20'});
    expect(origin(record, 'horizon')).toBe('1 from built-in');
  });

  test('what is said for one rule holds for that rule, and within a layer is the stronger word', () => {
    const text = replaced(
      '      skip:',
      '      epochs: 3\n      skip:',
      replaced('    matrix:', '    epochs: 9\n    training: {epochs: 20, seeds: [1, 2]}\n    matrix:'),
    );
    const {source, training} = get(studyOf(text), first);
    expect(source.kind === 'study' && source.record.get('epochs')?.value).toBe(3);
    expect(training.record.get('epochs')?.value).toBe(20);
    expect(training.seeds).toEqual([1, 2]);
    expect(training.record.has('seed')).toBe(false);
  });

  test('a later layer fixes what an earlier one searches, and the other way round', () => {
    const study = studyOf(`${small}profiles: {fast: {only: {budget: 6K}, learning_rate: 0.01, d_model: 8}}\n`, {profile: 'fast'});
    const record = recordOf(get(study, first));
    expect(record.get('learning_rate')?.value).toBe(0.01);
    expect(record.get('search')?.value).toEqual({});
    expect(record.get('architecture')?.value).toMatchObject({d_model: [8], n_layers: [1, 2, 3, 4, 6]});
    expect(record.has('d_model')).toBe(false);
    const searched = replaced('defaults: {tier: a20}', 'defaults: {tier: a20, learning_rate: 0.5}');
    expect(recordOf(get(studyOf(searched), first)).has('learning_rate')).toBe(false);
  });

  test('what training fixes beats what the search found', () => {
    const {source, training} = get(studyOf(replaced('    matrix:', '    training: {learning_rate: 0.02}\n    matrix:')), first);
    expect(source.kind === 'study' && source.record.has('learning_rate')).toBe(false);
    expect(training.record.get('learning_rate')?.value).toBe(0.02);
  });

  test('the record of a search is whole, in code-unit order, and in canonical form', () => {
    const {source} = get(
      studyOf(
        replaced(
          'learning_rate: {log: [1.0e-4, 1.0e-3]}',
          'epochs: {int: [2, 10], step: 2}\n        loss: [bce, focal]\n        focal_gamma: {uniform: [0, 2]}\n        learning_rate: {log: [1.0e-4, 1.0e-3]}',
        ),
      ),
      first,
    );
    if (source.kind !== 'study') throw new Error('a study was asked for');
    expect([...source.record.keys()]).toEqual([...source.record.keys()].sort());
    expect(source.record.get('search')?.value).toEqual({
      epochs: {kind: 'int', low: 2, high: 10, step: 2},
      focal_gamma: {kind: 'uniform', low: 0, high: 2, when: {loss: 'focal'}},
      learning_rate: {kind: 'log', low: 0.0001, high: 0.001},
      loss: {kind: 'choice', choices: ['bce', 'focal']},
    });
    expect(source.searchSummary).toEqual({
      configurations: 10,
      shapes: 5,
      varies: ['architecture', 'epochs', 'focal_gamma', 'learning_rate', 'loss'],
    });
    expect([...source.extent].map(([name, {value}]) => [name, value])).toEqual([
      ['timeout_hours', null],
      ['trials', 50],
    ]);
  });

  test('a condition on a fixed parameter is settled: it holds always or never', () => {
    const on = (loss: string): unknown =>
      valueOf(
        replaced(
          'learning_rate: {log: [1.0e-4, 1.0e-3]}',
          'focal_gamma: {uniform: [0, 2], when: {loss: focal}}',
          replaced('tier: a20}', `tier: a20, loss: ${loss}}`),
        ),
        'search',
      );
    expect(on('focal')).toEqual({focal_gamma: {kind: 'uniform', low: 0, high: 2}});
    expect(on('bce')).toEqual({});
  });

  test('focal_gamma is in the record only where the loss can be focal', () => {
    expect(recordOf(get(studyOf(small), first)).has('focal_gamma')).toBe(false);
    expect(valueOf(replaced('tier: a20}', 'tier: a20, loss: focal}'), 'focal_gamma')).toBe(2);
  });

  test('a timeout is hours, and an objective has the goal of its metric', () => {
    const text = replaced('      skip:', '      timeout: 1h30m\n      objective: {metric: val_auc, at: best_epoch}\n      skip:');
    const {source} = get(studyOf(text), first);
    expect(source.kind === 'study' && source.extent.get('timeout_hours')?.value).toBe(1.5);
    expect(source.kind === 'study' && source.record.get('objective.goal')?.value).toBe('maximize');
  });

  test('the classic split is a block length in disguise', () => {
    const text = replaced('tier: a20}', 'tier: a20, horizon: 3, split: {mode: classic}}');
    expect(valueOf(text, 'split.block', 'first_6K_h3_up1')).toBe(63);
  });
});

describe('architectures', () => {
  const shapes =
    'shapes:\n  narrow: {d_model: 8, n_layers: 6, n_heads: 2, ff_ratio: 2}\n  wide: {d_model: 16, n_layers: 1, n_heads: 2, ff_ratio: 2, context: 60}\ndefaults:';

  test('a shape is a dimension, and fixes what the phase searches', () => {
    const text = replaced(
      'matrix: {budget: [6K, 18K]',
      'name: "{phase}_{budget}_{shape}_{task}"\n    matrix: {shape: [narrow, wide], budget: [6K]',
      replaced('defaults:', shapes),
    );
    const study = studyOf(text);
    const record = recordOf(get(study, 'first_6K_wide_up1'));
    expect([record.get('d_model')?.value, record.get('d_model')?.from, record.get('architecture')?.value]).toEqual([
      16,
      'shape wide',
      null,
    ]);
    expect(get(study, 'first_6K_narrow_up3').training.record.get('n_layers')?.value).toBe(6);
  });

  test('of several shapes the last one counts, whole', () => {
    const text = replaced(
      '    matrix: {budget: [6K, 18K]',
      '    cases: [{name: wide_ones, when: {task: up1}, set: {shape: wide}}]\n    matrix: {shape: [narrow], budget: [6K]',
      replaced('defaults:', shapes),
    );
    const study = studyOf(text);
    expect(recordOf(get(study, first)).get('d_model')?.value).toBe(16);
    expect(recordOf(get(study, 'first_6K_h1_up3')).get('d_model')?.value).toBe(8);
  });

  test('a budget may bring its architecture in a file of its own', () => {
    const files = {'configs/model/six.yaml': 'd_model: 16\nn_layers: 1\nn_heads: 4\nff_ratio: 2\n'};
    const study = studyOf(replaced('6K: {params: 6K}', '6K: {params: 6K, model: configs/model/six.yaml}'), {files});
    const record = recordOf(get(study, first));
    expect(origin(record, 'n_heads')).toBe('4 from budget 6K line 3');
    expect(record.get('n_heads')?.span?.file).toBe('configs/model/six.yaml');
    expect(study.sources).toEqual(['experiments.yaml', 'configs/model/six.yaml']);
    expect(recordOf(get(study, 'first_18K_h1_up1')).get('architecture')?.value).not.toBeNull();
    const broken = problemsOf(replaced('6K: {params: 6K}', '6K: {params: 6K, model: configs/model/six.yaml}'), {
      files: {'configs/model/six.yaml': 'd_model: 16\nlayers: 1\n'},
    });
    expect(broken.map(({code, span}) => `${code} ${span?.file ?? ''}:${span?.line ?? ''}`)).toContain('FTS110 configs/model/six.yaml:2');
  });

  test('forced configurations enter the record, without what a profile has fixed since', () => {
    const text = replaced(
      '      search:',
      '      forced: [{learning_rate: 0.0005}, {d_model: 16, n_layers: 1, n_heads: 2, ff_ratio: 2, learning_rate: 0.001}]\n      search:',
      replaced('budget: [6K, 18K]', 'budget: [6K]'),
    );
    expect(valueOf(text, 'forced')).toEqual([
      {learning_rate: 0.0005},
      {learning_rate: 0.001, d_model: 16, n_layers: 1, n_heads: 2, ff_ratio: 2},
    ]);
    const study = studyOf(`${text}profiles: {fast: {learning_rate: 0.01}}\n`, {profile: 'fast'});
    expect(recordOf(get(study, first)).get('forced')?.value).toEqual([{}, {d_model: 16, n_layers: 1, n_heads: 2, ff_ratio: 2}]);
  });
});

describe('points', () => {
  test('the first dimension varies slowest, included points follow, excluded ones are gone', () => {
    const text = replaced(
      'up3]}',
      'up3]}\n    exclude: {budget: 6K, task: up3}\n    include: [{budget: 18K, task: up1, horizon: 5}]',
      replaced('skip: {task: up2}', 'skip: {budget: 18K, task: up2}'),
    );
    expect(studyOf(text).experiments.map((one) => one.shortName)).toEqual([
      '6K_h1_up1',
      '6K_h1_up2',
      '18K_h1_up1',
      '18K_h1_up2',
      '18K_h1_up3',
      '18K_h5_up1',
    ]);
  });

  test('dimensions are matrix dimensions first, as text', () => {
    const {dims, identity} = get(studyOf(replaced('matrix: {', 'matrix: {context: [60], ')), first);
    expect([...dims]).toEqual([
      ['context', '60'],
      ['budget', '6K'],
      ['task', 'up1'],
      ['phase', 'first'],
      ['horizon', '1'],
      ['tier', 'a20'],
      ['data', 'sp500'],
      ['timescale', 'daily'],
    ]);
    expect(identity).toEqual({
      experiment: first,
      phase: 'first',
      budget: '6K',
      task: 'up1',
      horizon: 1,
      timescale: 'daily',
      tier: 'a20',
      data: 'sp500',
    });
  });

  test('any parameter can be a dimension, and name an experiment', () => {
    const text = replaced(
      '    matrix: {budget: [6K, 18K]',
      '    name: "{budget}_{task}_p{patch.length}"\n    matrix: {patch.length: [5, 10], budget: [18K]',
    );
    const study = studyOf(text);
    expect(get(study, '18K_up1_p5').shortName).toBe('18K_up1_p5');
    expect(recordOf(get(study, '18K_up1_p5')).get('patch.length')).toMatchObject({value: 5, from: 'point'});
  });

  test('a dataset gives its timescale', () => {
    const text = replaced(
      '  sp500: {',
      '  weekly: {timescale: weekly, path: data/weekly.parquet}\n  sp500: {',
      replaced('    matrix: {', '    name: "{timescale}_{budget}_{task}"\n    matrix: {data: [sp500, weekly], '),
    );
    const study = studyOf(text);
    expect(get(study, 'weekly_6K_up1').identity).toMatchObject({data: 'weekly', timescale: 'weekly'});
    expect(study.data.map(({name, origin: {kind}}) => `${name} ${kind}`)).toEqual(['weekly file', 'sp500 builder']);
  });
});

describe('borrowing', () => {
  const sources = (text: string, name = 'first_6K_h1_up2'): unknown => {
    const {source} = get(studyOf(text), name);
    return source.kind === 'borrow' ? source.from.map(({experiment, weight}) => [experiment, weight]) : source.kind;
  };
  const by = (method: string, from = '{task: up1}, {task: up3}'): string =>
    replaced('from: [{task: up1}, {task: up3}], method: interpolate', `from: [${from}], method: ${method}`);

  test('weights are linear in the percentage', () => {
    expect(sources(small)).toEqual([
      ['first_6K_h1_up1', 0.5],
      ['first_6K_h1_up3', 0.5],
    ]);
    expect(sources(replaced('up2: {kind: threshold, pct: 2}', 'up2: {kind: threshold, pct: 1.5}'))).toEqual([
      ['first_6K_h1_up1', 0.75],
      ['first_6K_h1_up3', 0.25],
    ]);
    expect(sources(by('interpolate', '{task: up3}, {task: up1}'))).toEqual([
      ['first_6K_h1_up3', 0.5],
      ['first_6K_h1_up1', 0.5],
    ]);
  });

  test('the other methods', () => {
    expect(sources(by('nearest'))).toEqual([['first_6K_h1_up1', 1]]);
    expect(sources(by('nearest', '{task: up3}, {task: up1}'))).toEqual([['first_6K_h1_up3', 1]]);
    expect(sources(by('mean'))).toEqual([
      ['first_6K_h1_up1', 0.5],
      ['first_6K_h1_up3', 0.5],
    ]);
    expect(sources(by('copy', '{task: up3}'))).toEqual([['first_6K_h1_up3', 1]]);
  });

  test('what a complete result must hold is known', () => {
    const {source} = get(studyOf(small), 'first_6K_h1_up2');
    expect(source.kind === 'borrow' && [...source.searched]).toEqual([
      ['d_model', 'architecture'],
      ['n_layers', 'architecture'],
      ['n_heads', 'architecture'],
      ['ff_ratio', 'architecture'],
      ['learning_rate', 'log'],
    ]);
  });

  test('a profile that leaves a source out says so', () => {
    const problems = problemsOf(`${small}profiles: {one: {only: {task: up2}}}\n`, {profile: 'one'});
    expect(problems.map((entry) => entry.code)).toEqual(['FTS231', 'FTS231']);
    expect(problems[0]?.message).toMatch(/left out by the profile/);
  });
});

describe('places and the rest', () => {
  test('a study in configs/, a profile, and both have places of their own', () => {
    const text = `${small}profiles: {fast: {threads: 2}}\n`;
    const outputs = (file: string, profile?: string): string => {
      const loaded = load('', {file, files: {[file]: text}, ...(profile !== undefined && {profile})});
      return loaded.ok ? `${loaded.value.study.paths.outputs} ${loaded.value.study.data[0]?.path ?? ''}` : 'wrong';
    };
    expect(outputs('experiments.yaml')).toBe('outputs data/processed/v1/sp500.parquet');
    expect(outputs('experiments.yaml', 'fast')).toBe('outputs/fast outputs/fast/data/processed/v1/sp500.parquet');
    expect(outputs('configs/try.yaml')).toBe('outputs/try outputs/try/data/processed/v1/sp500.parquet');
    expect(outputs('configs/try.yaml', 'fast')).toBe('outputs/try-fast outputs/try-fast/data/processed/v1/sp500.parquet');
  });

  test('pools have the capacity of the machine unless the file says another', () => {
    expect([...studyOf(small, {cores: 8}).pools]).toEqual([
      ['accelerator', 1],
      ['cpu', 8],
    ]);
    expect([...studyOf(`${small}resources: {cpu: 3}\n`, {cores: 8}).pools]).toEqual([
      ['accelerator', 1],
      ['cpu', 3],
    ]);
  });

  test('Python is a venv or an interpreter', () => {
    expect(studyOf(small).python).toEqual({kind: 'venv', directory: '.venv'});
    expect(studyOf(`${small}python: {interpreter: /opt/python/bin/python3}\n`).python).toEqual({
      kind: 'interpreter',
      path: '/opt/python/bin/python3',
    });
  });

  test('budgets, estimates and tolerances are read with their units, and a profile changes them by name', () => {
    const text = replaced('18K: {params: 18K}', '18K: {params: 1.8e4, tolerance: 0.2, estimate: {trial: 90s, training: 2h}}');
    expect(studyOf(text).budgets[1]).toMatchObject({name: '18K', params: 18_000, tolerance: 0.2, trialMs: 90_000, trainingMs: 7_200_000});
    const study = studyOf(`${text}profiles: {loose: {budgets: {18K: {tolerance: 0.4}}}}\n`, {profile: 'loose'});
    expect(study.budgets[1]).toMatchObject({params: 18_000, tolerance: 0.4});
  });

  test('conditions of a stronger layer replace those of a weaker one', () => {
    const text = replaced('defaults: {tier: a20}', 'defaults: {tier: a20, checks: [prediction_std > 0.1], assert: [val.windows >= 10]}');
    expect(get(studyOf(text), first).checks).toMatchObject([{expression: 'prediction_std > 0.1', severity: 'fail', span: {line: 11}}]);
    const study = studyOf(`${text}profiles: {fast: {checks: [{expr: val_loss < 1, severity: warn}], assert: []}}\n`, {profile: 'fast'});
    expect(get(study, first)).toMatchObject({checks: [{expression: 'val_loss < 1', severity: 'warn'}], asserts: []});
  });

  test('modules of `code` add up over the layers, each once', () => {
    const text = replaced('defaults: {tier: a20}', 'defaults: {tier: a20, code: [fts.patches, helpers]}');
    const study = studyOf(`${text}profiles: {fast: {code: [helpers, lib.labels]}}\n`, {profile: 'fast'});
    expect(get(study, first).code.map(({module}) => module)).toEqual(['fts.patches', 'helpers', 'lib.labels']);
  });

  test('included files lie below the including one, and keep their places', () => {
    const text = replaced(
      'version: 1\n',
      'version: 1\ninclude: [configs/a.yaml, configs/b.yaml]\n',
      replaced('defaults: {tier: a20}\n', ''),
    );
    const files = {
      'configs/a.yaml': 'defaults: {tier: a100, context: 30}\n',
      'configs/b.yaml': 'include: c.yaml\ndefaults: {tier: a20}\n',
      'configs/c.yaml': 'project: from_c\n',
    };
    const study = studyOf(text, {files});
    expect([study.project, study.sources]).toEqual(['from_c', ['experiments.yaml', 'configs/a.yaml', 'configs/b.yaml', 'configs/c.yaml']]);
    const context = recordOf(get(study, first)).get('context');
    expect([context?.value, context?.span?.file, context?.span?.line]).toEqual([30, 'configs/a.yaml', 1]);
  });
});

test('ten thousand experiments expand within a second or so', () => {
  const numbers = (count: number): string => Array.from({length: count}, (_, index) => index + 60).join(', ');
  const text = replaced(
    '    matrix: {budget: [6K, 18K]',
    `    name: "{phase}_{budget}_{task}_{batch_size}_{split.seed}"\n    matrix: {batch_size: [${numbers(40)}], split.seed: [${numbers(84)}], budget: [18K]`,
  );
  const started = performance.now();
  const study = studyOf(text);
  expect(study.experiments).toHaveLength(10_080);
  // Generous: the machine may be busy. Quadratic behaviour would take minutes.
  expect(performance.now() - started).toBeLessThan(8000);
});
