// What is wrong in a file is said once, at its place, with what to write instead.
import {describe, expect, test} from 'vitest';

import {DiskError} from '../../src/host/disk.ts';
import {loadStudy} from '../../src/config/load.ts';
import {expectProblem, load, problemsOf, replaced, shown, small, tiers} from './texts.ts';

test('the study that the others are made from is sound', () => {
  expect(problemsOf(small)).toEqual([]);
});

describe('the text', () => {
  test('YAML that cannot be read is shown where it breaks', () => {
    const [first, ...rest] = problemsOf('version: 1\ndata: [\nbudgets: 2\n');
    expect(first && shown(first)).toMatch(/^experiments\.yaml:3:1: FTS101 not valid YAML/);
    expect(rest).toEqual([]);
  });

  test('a key that is written twice names both places', () => {
    const found = expectProblem(`${small}«version»: 1\n`, 'FTS102', /"version" is written twice/);
    expect(found.see?.[0]?.span).toMatchObject({line: 1, column: 1, length: 7});
  });

  test('a key that JavaScript would take for its own is refused', () => {
    expectProblem(replaced('  6K: {params', '  «__proto__»: {params'), 'FTS106', /cannot be a key/);
  });

  test('aliases and merge keys work', () => {
    const text = replaced('defaults: {tier: a20}', 'x-common: &common {tier: a20, context: 60}\ndefaults: {<<: *common, context: 50}');
    expect(problemsOf(text)).toEqual([]);
  });

  test('aliases cannot blow up, and cannot contain themselves', () => {
    const levels = Array.from({length: 9}, (_, level) => `x-${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(9)}]`);
    expect(problemsOf(`x-0: &l0 [1]\n${levels.join('\n')}\n${small}`).map((entry) => entry.code)).toEqual(['FTS105']);
    expect(problemsOf(`x-0: &l0 [*l0]\n${small}`).map((entry) => entry.code)).toEqual(['FTS105']);
  });

  test('an empty file, a deep one, a huge one and several documents are refused', () => {
    expect(problemsOf('')[0]?.message).toMatch(/empty/);
    expect(problemsOf(`a: ${'['.repeat(100)}${']'.repeat(100)}`)[0]?.code).toBe('FTS105');
    expect(problemsOf('['.repeat(400_000))[0]?.code).toMatch(/FTS10[15]/);
    for (const text of [`# ${'x'.repeat(1_000_001)}`, '['.repeat(300) + ' '.repeat(2000)])
      expect(problemsOf(text)[0]).toMatchObject({code: 'FTS105', span: {file: 'experiments.yaml', line: 1, column: 1}});
    expect(problemsOf(`${small}---\na: 1\n`)[0]?.message).toBe('not valid YAML: a second document begins here');
  });
});

describe('includes', () => {
  const including = `include: «configs/more.yaml»\n${small}`;

  test('a missing one is shown where it is asked for', () => {
    expectProblem(including, 'FTS103', /there is no file configs\/more\.yaml/);
  });

  test('a circle is spelled out', () => {
    const text = including.replace(/[«»]/g, '');
    const [found] = problemsOf(text, {files: {'configs/more.yaml': 'include: ../experiments.yaml\n'}});
    expect(found && shown(found)).toBe(
      'configs/more.yaml:1:10: FTS104 includes go in a circle: experiments.yaml -> configs/more.yaml -> experiments.yaml',
    );
    expect(found?.see?.[0]?.span).toMatchObject({file: 'experiments.yaml', line: 1, column: 10});
  });

  test('one out of the workspace is refused', () => {
    expectProblem(including.replace('configs/more.yaml', '../secret.yaml'), 'FTS103', /inside the workspace/);
    expectProblem(including.replace('configs/more.yaml', '/etc/passwd'), 'FTS103', /inside the workspace/);
  });

  test('a file that cannot be read says why', () => {
    const disk = {
      readText: (path: string): string => {
        throw new DiskError('permission denied', path);
      },
    };
    const loaded = loadStudy(disk, {file: 'experiments.yaml', tiers});
    expect(loaded.ok ? [] : loaded.error.map(shown)).toEqual([
      'experiments.yaml:1:1: FTS103 experiments.yaml cannot be read: permission denied',
    ]);
  });

  test('a mistake in an included file is shown there', () => {
    const text = replaced('tasks:\n', 'include: [tasks.yaml]\ntasks:\n');
    const [found] = problemsOf(text, {files: {'tasks.yaml': 'tasks:\n  up9: {kind: thresold, pct: 9}\n'}});
    expect(found && shown(found)).toBe('tasks.yaml:2:15: FTS112 "thresold" is not one of threshold');
    expect(found?.help).toBe('Did you mean "threshold"?');
  });
});

describe('the schema', () => {
  test('an unknown key suggests the near one', () => {
    const found = expectProblem(
      replaced('learning_rate:', '«learnig_rate»:'),
      'FTS110',
      /unknown key "learnig_rate" in phases\.first\.hpo\.search/,
    );
    expect(found.help).toBe('Did you mean "learning_rate"?');
  });

  test('an unknown key that is near nothing lists what may stand there', () => {
    const found = expectProblem(replaced('{params: 6K}', '{params: 6K, «colour»: red}'), 'FTS110', /unknown key "colour" in budgets\.6K/);
    expect(found.help).toBe('Allowed here: params, tolerance, estimate, model.');
  });

  test('a parameter that no rule takes there says who does', () => {
    const found = expectProblem(
      replaced('defaults: {tier: a20}', 'defaults: {tier: a20, training: {«subset»: 0.3}}'),
      'FTS110',
      /"subset" in defaults\.training/,
    );
    expect(found.help).toBe('Only the search takes "subset": write it under hpo.');
    const seeds = expectProblem(replaced('      skip:', '      «seeds»: [1]\n      skip:'), 'FTS110', /"seeds"/);
    expect(seeds.help).toMatch(/seed/);
    expectProblem(
      replaced('defaults: {tier: a20}', 'defaults: {tier: a20, «momentum»: 0.9}'),
      'FTS110',
      /unknown key "momentum" in defaults/,
    );
  });

  test('a wrong type says what is expected and what was found', () => {
    expectProblem(replaced('tier: a20}', 'tier: a20, context: «sixty»}'), 'FTS111', /expected a whole number, found "sixty"/);
    expectProblem(replaced('budget: [6K, 18K]', 'budget: «6K»'), 'FTS111', /expected a list of values, found "6K"/);
    expectProblem(
      replaced('defaults: {tier: a20}', 'defaults: {tier: a20, hpo: «»}').replace('hpo: «»', 'hpo: «fast»'),
      'FTS111',
      /expected a mapping, found "fast"/,
    );
  });

  test('one mistake gives one problem, also where several rules are broken', () => {
    expectProblem(replaced('6K: {params: 6K}', '6K: {params: «six»}'), 'FTS115', /"six" is not a count/);
    expectProblem(replaced('- {for: {task: up2}, from', '- {for: «[]», from'), 'FTS111', /expected a mapping of dimensions/);
  });

  test('bad units name the right ones', () => {
    const found = expectProblem(
      replaced('{params: 6K}', '{params: 6K, estimate: {trial: «5 parsecs»}}'),
      'FTS115',
      /"5 parsecs" is not a duration/,
    );
    expect(found.help).toMatch(/30s, 12m, 4h/);
    const timeout = expectProblem(
      replaced('      skip:', '      timeout: «4 hours»\n      skip:'),
      'FTS115',
      /"4 hours" is not a duration or none/,
    );
    expect(timeout.help).toMatch(/Write none/);
  });

  test('only a validation metric can be the objective', () => {
    for (const metric of ['train_loss', 'test_loss', 'test_accuracy']) {
      const found = expectProblem(
        replaced('      skip:', `      objective: {metric: «${metric}»}\n      skip:`),
        'FTS112',
        /is not one of val_loss, val_auc/,
      );
      expect(found.help).toMatch(/only be judged by a validation metric/);
    }
  });

  test('a number out of range and a missing key are shown', () => {
    expectProblem(replaced('tier: a20}', 'tier: a20, dropout: «1.5»}'), 'FTS114', /must be < 1, found 1\.5/);
    expectProblem(replaced('  6K: {params: 6K}', '  «6K»: {tolerance: 0.1}'), 'FTS113', /budgets\.6K lacks "params"/);
    expectProblem(replaced('[6K, 18K]', '[6K, 18K, «6K»]'), 'FTS117', /holds "6K" twice/);
    expectProblem(replaced('[6K, 18K]', '«[]»'), 'FTS116', /must not be empty/);
  });

  test('what refers to a broken entry does not complain again, and all problems come in the order of the file', () => {
    const text = replaced(
      '18K: {params: 18K}',
      '18K: {params: 18Q}',
      replaced('pct: 3}', 'pct: three}', replaced('tier: a20', 'tier: a21')),
    );
    expect(problemsOf(text).map(shown)).toEqual([
      'experiments.yaml:6:17: FTS115 "18Q" is not a count',
      'experiments.yaml:10:31: FTS111 expected a number, found "three"',
      'experiments.yaml:11:18: FTS203 there is no tier "a21"',
    ]);
  });
});

describe('names', () => {
  const hostile = [
    ['../x', /path separator/],
    ['a/b', /path separator/],
    ['a\\\\b', /path separator/],
    ['a..b', /"\.\."/],
    ['.hidden', /begins with "\."/],
    ['-rf', /begins with "-"/],
    ["o'clock", /quote/],
    ['a\\"b', /quote/],
    ['a\\nb', /line break/],
    ['a\\u2028b', /control character/],
    ['a b', /holds " "/],
    ['', /empty/],
    ['x'.repeat(151), /longer than 150/],
  ] as const;

  test.each(hostile)('%j cannot name a phase, a budget, a task or a dataset', (name, gist) => {
    expectProblem(replaced('  first:', `  «"${name}"»:`), 'FTS201', gist);
    expectProblem(replaced('  6K: {params', `  «"${name}"»: {params`, replaced('[6K, 18K]', '[18K]')), 'FTS201', gist);
    expectProblem(replaced('  up1: {kind', `  up1: {kind: threshold, pct: 1}\n  «"${name}"»: {kind`), 'FTS201', gist);
    expectProblem(`${small}profiles:\n  «"${name}"»: {threads: 2}\n`, 'FTS201', gist);
  });

  test('verbs and groups cannot name a phase', () => {
    for (const name of ['all', 'hpo', 'training', 'watch', 'environment'])
      expectProblem(replaced('  first:', `  «${name}»:`), 'FTS202', /verb or group/);
  });

  test('a profile that would lie among the real results is refused', () => {
    expectProblem(`${small}profiles:\n  «hpo»: {threads: 2}\n`, 'FTS202', /folder of the real study/);
  });

  test('a template that makes a bad name is shown', () => {
    expectProblem(
      replaced('    matrix:', '    name: «"../{phase}_{budget}_{task}"»\n    matrix:'),
      'FTS201',
      /cannot be the name of an experiment/,
    );
    const found = expectProblem(
      replaced('    matrix:', '    name: «"{phase}_{budgt}_{task}"»\n    matrix:'),
      'FTS207',
      /no dimension "budgt"/,
    );
    expect(found.help).toBe('Did you mean "budget"?');
    expectProblem(replaced('    matrix:', '    name: «"{phase_{budget}_{task}"»\n    matrix:'), 'FTS207', /without its partner/);
  });

  test('an unknown profile, however it is spelled, is no crash', () => {
    const [found] = problemsOf(`${small}profiles: {smoke: {threads: 2}}\n`, {profile: 'smok'});
    expect(found).toMatchObject({code: 'FTS203', message: 'there is no profile "smok"', help: 'Did you mean "smoke"?'});
    expect(problemsOf(small, {profile: '../../x'}).map((entry) => entry.code)).toEqual(['FTS203']);
  });

  test('paths stay inside the workspace', () => {
    expectProblem(replaced('version: 1\n', 'version: 1\npaths: {log: «../log.csv»}\n'), 'FTS206', /no path inside the workspace/);
    expectProblem(replaced('sp500: {', 'sp500: {path: «/tmp/x.parquet», '), 'FTS206', /no path inside the workspace/);
  });
});

describe('the matrix', () => {
  test('a budget, task or tier that does not exist suggests the near one', () => {
    expect(expectProblem(replaced('[6K, 18K]', '[6K, «18Kk»]'), 'FTS203', /there is no budget "18Kk"/).help).toBe('Did you mean "18K"?');
    expect(expectProblem(replaced('[up1, up2, up3]', '[up1, up2, up3, «down»]'), 'FTS203', /there is no task "down"/).help).toBe(
      'Known tasks: up1, up2, up3.',
    );
    expectProblem(replaced('defaults: {tier: a20}', 'defaults: {tier: «a250»}'), 'FTS210', /"sp500" is not built with tier "a250"/);
  });

  test('a part that nothing says is missed once', () => {
    expectProblem(replaced('  first:', '  «first»:', replaced('defaults: {tier: a20}\n', '')), 'FTS211', /have no tier/);
  });

  test('two experiments of one name are shown with both points', () => {
    const found = expectProblem(
      replaced('matrix: {budget', 'matrix: «{context: [50, 60], budget', replaced('up3]}', 'up3]}»')),
      'FTS204',
      /first_6K_h1_up1: the points \{context: 50\} and \{context: 60\}/,
    );
    expect(found.help).toBe('Put {context} into the name.');
    const folded = replaced(
      '  up3: {kind: threshold, pct: 3}',
      '  up3: {kind: threshold, pct: 3}\n  UP3: {kind: threshold, pct: 4}',
      replaced('up3]}', 'up3, UP3]}'),
    );
    expect(problemsOf(folded).map((entry) => entry.code)).toEqual(['FTS204']);
  });

  test('an included point that the matrix has already is shown', () => {
    expectProblem(replaced('up3]}', 'up3]}\n    include: [«{budget: 6K, task: up1}»]'), 'FTS204', /the same point is there twice/);
  });

  test('a filter with an unknown dimension or value is a mistake', () => {
    expect(expectProblem(replaced('up3]}', 'up3]}\n    exclude: {«buget»: 6K}'), 'FTS203', /no dimension "buget"/).help).toBe(
      'Did you mean "budget"?',
    );
    expectProblem(replaced('skip: {task: up2}', 'skip: {task: [up2, «up4»]}'), 'FTS203', /no point has task "up4"/);
  });

  test('what applies to no point is a warning', () => {
    const text = replaced('up3]}', 'up3]}\n    include: [{budget: 6K, task: up1, horizon: 2}]\n    exclude: «{budget: 18K, horizon: 2}»');
    expectProblem(text, 'FTS209', /excludes nothing/);
  });

  test('a matrix that is too large is refused before it is made', () => {
    const many = `[${Array.from({length: 400}, (_, index) => index + 1).join(', ')}]`;
    expectProblem(
      replaced(
        'matrix: {budget: [6K, 18K], task: [up1, up2, up3]}',
        `matrix: «{budget: [6K], task: [up1], horizon: ${many}, context: ${many}}»`,
      ),
      'FTS208',
      /160000 points/,
    );
  });
});

describe('what a profile leaves', () => {
  const profile = 'profiles: {one: {only: {phase: first, budget: 6K, horizon: 5}}}\n';
  const second = '  second: {matrix: {budget: [6K], task: [up1]}, d_model: 8, n_layers: 6, n_heads: 2, ff_ratio: 2}\n';
  const codesOf = (text: string): readonly string[] => problemsOf(`${text}${second}${profile}`, {profile: 'one'}).map(({code}) => code);

  test('is not judged by phases and points that an error took away', () => {
    const whole = replaced('up3]}', 'up3], horizon: [1, 5]}');
    expect(codesOf(whole)).toEqual([]);
    expect(codesOf(replaced('  first:', '  all:', whole))).toEqual(['FTS202']);
    expect(codesOf(replaced('horizon: [1, 5]', 'horizon: [h1, h5]', whole))).toEqual(['FTS111', 'FTS111']);
    expect(codesOf(replaced('matrix: {budget: [6K', 'matrix: {budget: [7K', whole))).toEqual(['FTS203']);
    expect(codesOf(small)).toEqual(['FTS203']);
  });
});

describe('borrowing', () => {
  const rule = '{for: {task: up2}, from: [{task: up1}, {task: up3}], method: interpolate}';

  test('a skipped experiment needs a rule', () => {
    expectProblem(
      replaced(
        'skip: {task: up2}',
        'skip: «{task: [up1, up2]}»',
        replaced(
          '{for: {task: up2}, from: [{task: up1}, {task: up3}], method: interpolate}',
          '{for: {task: up2}, from: [{task: up3}], method: copy}',
        ),
      ),
      'FTS230',
      /first_6K_h1_up1 has no study/,
    );
  });

  test('a source that does not exist suggests the near one', () => {
    const found = expectProblem(
      replaced(rule, '{for: {task: up2}, from: [{task: «upp1»}, {task: up3}], method: interpolate}'),
      'FTS231',
      /no point has task "upp1"/,
    );
    expect(found.help).toBe('Did you mean "up1"?');
  });

  test('a source whose combination does not exist is named', () => {
    const text = replaced(
      'up3]}',
      'up3]}\n    exclude: {budget: 18K, task: up1}',
      replaced(rule, rule.replace('{task: up1}', '«{task: up1}»')),
    );
    expectProblem(text, 'FTS231', /first_18K_h1_up2 borrows from first_18K_h1_up1, which is excluded, or left out/);
  });

  test('a circle is spelled out', () => {
    const text = replaced(
      'skip: {task: up2}',
      'skip: {task: [up1, up2]}',
      replaced(
        `- ${rule}`,
        '- {for: {task: up2}, from: [{task: up1}], method: copy}\n        - {for: {task: up1}, from: [{task: up2}], method: copy}',
      ),
    );
    const found = problemsOf(text);
    expect(found.map((entry) => entry.code)).toEqual(['FTS232']);
    expect(found[0]?.message).toContain('first_6K_h1_up1 -> first_6K_h1_up2 -> first_6K_h1_up1');
  });

  test('a source needs a study of its own', () => {
    const text = replaced(
      'skip: {task: up2}',
      'skip: {task: [up1, up2]}',
      replaced(
        `- ${rule}`,
        '- {for: {task: up2}, from: [«{task: up1}»], method: copy}\n        - {for: {task: up1}, from: [{task: up3}], method: copy}',
      ),
    );
    expectProblem(text, 'FTS233', /first_6K_h1_up2 borrows from first_6K_h1_up1, which has no study of its own/);
  });

  test('extrapolation and a wrong number of sources are refused', () => {
    const two = replaced('skip: {task: up2}', 'skip: {task: up3}');
    expectProblem(
      replaced(rule, '«{for: {task: up3}, from: [{task: up1}, {task: up2}], method: interpolate}»', two),
      'FTS234',
      /its 3 % is not between 1 % and 2 %; extrapolation is refused/,
    );
    expectProblem(replaced(rule, `«${rule.replace('interpolate', 'copy')}»`), 'FTS234', /exactly one source, found 2/);
    expectProblem(
      replaced(rule, '«{for: {task: up2}, from: [{task: up1}], method: interpolate}»'),
      'FTS234',
      /exactly two sources, found 1/,
    );
  });

  test('an architecture of another budget cannot be borrowed', () => {
    const text = replaced(
      'skip: {task: up2}',
      'skip: {budget: 18K}',
      replaced(rule, '«{for: {budget: 18K}, from: [{budget: 6K}], method: copy}»'),
    );
    expectProblem(text, 'FTS235', /that one has another budget/);
  });
});

describe('parameters', () => {
  const grid = 'architecture: {d_model: [8, 16], n_layers: [1, 2, 3, 4, 6], n_heads: [2, 4], ff_ratio: [2, 4]}';

  test('fixed and searched in one layer is a contradiction', () => {
    const found = expectProblem(
      replaced('      skip:', '      learning_rate: «0.001»\n      skip:'),
      'FTS220',
      /"learning_rate" is both fixed and searched in phase first/,
    );
    expect(found.see?.[0]?.span.line).toBe(22);
    const shape = replaced(
      'defaults:',
      'shapes: {wide: {d_model: 16, n_layers: 1, n_heads: 2, ff_ratio: 2}}\ndefaults:',
      replaced('    matrix:', '    shape: «wide»\n    matrix:'),
    );
    expectProblem(shape, 'FTS220', /shape "wide" fixes d_model, n_layers, n_heads, ff_ratio, which phase first searches/);
  });

  test('without an architecture there is no experiment', () => {
    expectProblem(replaced('  first:', '  «first»:', replaced(`        ${grid}\n`, '')), 'FTS221', /phase "first" has no architecture/);
    expectProblem(
      replaced(grid, 'architecture: {d_model: «[8, 16]», n_layers: [1, 2], n_heads: [2]}'),
      'FTS221',
      /the architecture lacks ff_ratio/,
    );
  });

  test('a shape outside its budget says what it has and what is allowed', () => {
    const shapes = 'shapes: {wide: {d_model: 64, n_layers: 4, n_heads: 4, ff_ratio: 2}}\ndefaults:';
    const text = replaced('defaults:', shapes, replaced('matrix: {budget', 'matrix: {shape: [«wide»], budget'));
    expectProblem(text, 'FTS222', /shape "wide" has 148,929 parameters with 20 features, outside budget 6K: 4,500 to 7,500 are allowed/);
    expectProblem(
      replaced('6K: {params: 6K}', '6K: {params: 1K}', replaced('d_model: [8, 16]', 'd_model: «[8, 16]»')),
      'FTS222',
      /no architecture of the grid fits: the nearest has [\d,]+ parameters/,
    );
    expectProblem(
      replaced(
        '    matrix:',
        '    matrix:',
        replaced(grid, 'dropout: [0.1]', replaced('tier: a20}', 'tier: a20, d_model: «16», n_layers: 1, n_heads: 3, ff_ratio: 2}')),
      ),
      'FTS223',
      /3 heads, which do not divide its width 16/,
    );
  });

  test('search spaces must make sense', () => {
    const space = (text: string): string => replaced('{log: [1.0e-4, 1.0e-3]}', `«${text}»`);
    expectProblem(space('{log: [1.0e-3, 1.0e-4]}'), 'FTS224', /lower bound 0\.001 is not below/);
    expectProblem(space('{uniform: [0, 1]}'), 'FTS224', /0 is not a number above 0/);
    expectProblem(space('{log: [0.1, 1], uniform: [0.1, 1]}'), 'FTS224', /log and uniform exclude each other/);
    expectProblem(space('{when: {loss: focal}}'), 'FTS224', /none of log, uniform/);
    expectProblem(replaced('learning_rate: {log: [1.0e-4, 1.0e-3]}', 'epochs: «{uniform: [1, 5]}»'), 'FTS224', /whole number/);
    expectProblem(replaced('learning_rate: {log: [1.0e-4, 1.0e-3]}', 'loss: «[bce, hinge]»'), 'FTS224', /"hinge" is not one of bce, focal/);
  });

  test('conditions must be able to hold', () => {
    const on = (text: string): string =>
      replaced('learning_rate: {log: [1.0e-4, 1.0e-3]}', `loss: [bce, focal]\n        focal_gamma: {uniform: [0, 2], when: {${text}}}`);
    expectProblem(on('«loss»: hinge'), 'FTS225', /"loss" is never "hinge"/);
    expectProblem(on('«lozz»: focal'), 'FTS225', /cannot depend on "lozz"/);
  });

  test('forced configurations lie in the space and in the budget', () => {
    const forced = (text: string): string => replaced('      search:', `      forced: [${text}]\n      search:`);
    expectProblem(forced('{learning_rate: «0.1»}'), 'FTS226', /learning_rate must be from 0\.0001 to 0\.001, found 0\.1/);
    expectProblem(forced('{dropout: «0.2»}'), 'FTS226', /"dropout" is not searched: built-in fixes it to 0\.1/);
    expectProblem(
      forced('{d_model: 8, n_layers: «5», n_heads: 2, ff_ratio: 2}'),
      'FTS226',
      /n_layers must be one of 1, 2, 3, 4, 6, found 5/,
    );
    expectProblem(forced('«{d_model: 8, n_layers: 6}»'), 'FTS226', /lacks "n_heads"/);
    expectProblem(forced('«{d_model: 8, n_layers: 6, n_heads: 2, ff_ratio: 2}»'), 'FTS226', /outside the budget/);
  });

  test('a goal against its metric is refused', () => {
    expectProblem(
      replaced('      skip:', '      objective: {metric: val_auc, goal: «minimize»}\n      skip:'),
      'FTS228',
      /better when it is larger/,
    );
  });

  test('a parameter that cannot have an effect is a warning', () => {
    expectProblem(
      replaced('tier: a20}', 'tier: a20, split: {mode: contiguous, block: «200»}}'),
      'FTS227',
      /"split\.block" has no effect in mode contiguous/,
    );
    expectProblem(replaced('tier: a20}', 'tier: a20, loss: bce, focal_gamma: «1»}'), 'FTS227', /"focal_gamma" has no effect/);
  });
});

describe('splits', () => {
  test('rows that can never hold enough windows are refused with the numbers', () => {
    const text = replaced(
      'tiers: [a20, a100]}}',
      'tiers: [a20, a100]}, rows: {keep: 800}}',
      replaced('tier: a20}', 'tier: a20, split: {min_windows: «200»}}'),
    );
    expectProblem(
      text,
      'FTS240',
      /dataset "sp500": 800 rows \(context 60, horizon 1, mode scattered, block 180\) hold 0 validation and 0 test windows; at least 200/,
    );
  });

  test('a block that holds no window, shares without a rest, and a patch that is too long are refused', () => {
    expectProblem(
      replaced('tier: a20}', 'tier: a20, split: {block: «60»}}'),
      'FTS241',
      /holds no window: context 60 and horizon 1 need 61 rows/,
    );
    expectProblem(replaced('tier: a20}', 'tier: a20, split: {validation: «0.6», test: 0.4}}'), 'FTS241', /leave nothing to train on/);
    expectProblem(replaced('tier: a20}', 'tier: a20, patch: {length: «61»}}'), 'FTS241', /patch\.length 61 is longer than context 60/);
    expectProblem(
      replaced('tier: a20}', 'tier: a20, split: {mode: «dates»}}'),
      'FTS241',
      /needs split\.validation_from and split\.test_from/,
    );
  });

  test('patches that leave bars of a window unread are refused, with the nearest contexts that they fill', () => {
    const patches = (written: string): string => replaced('tier: a20}', `tier: a20, ${written}}`);
    const {help, see} = expectProblem(
      patches('context: 60, patch: {length: 16, stride: «8»}'),
      'FTS241',
      /^patches of 16 bars every 8 do not fill context 60: the newest 4 would never be read$/,
    );
    expect([help, see?.length]).toEqual([expect.stringMatching(/contexts that they fill are 56 and 64;/), 2]);
    expectProblem(patches('context: «63»'), 'FTS241', /every 5 do not fill context 63: the newest 3/);
    expectProblem(patches('patch: {length: 3, stride: «4»}, context: 63'), 'FTS241', /stride 4 is longer than patch\.length 3/);
    expect(problemsOf(patches('context: 64, patch: {length: 16, stride: 8}'))).toEqual([]);
  });

  test('keeping fewer rows than the minimum is a contradiction', () => {
    expectProblem(
      replaced('tiers: [a20, a100]}}', 'tiers: [a20, a100]}, rows: {keep: «800», min: 1000}}'),
      'FTS242',
      /only 800 rows are kept, but at least 1000/,
    );
  });
});

describe('outputs', () => {
  test('two datasets cannot be one file', () => {
    expectProblem(
      replaced(
        '  sp500: {',
        '  sp500: {builder: {source: arch.nasdaq, tiers: [a20]}}\n  «other»: {path: data/processed/v1/SP500.parquet, ',
        replaced('tier: a20}', 'tier: a20, data: sp500}'),
      ),
      'FTS205',
      /dataset "sp500" and dataset "other" would both be/,
    );
  });

  test('a dataset cannot lie among the results', () => {
    expectProblem(replaced('  sp500: {', '  «sp500»: {path: outputs/hpo/x.parquet, '), 'FTS205', /would lie among the studies/);
  });

  test('an unknown source is no file', () => {
    const found = expectProblem(replaced('arch.sp500', '«arch.sp50»'), 'FTS203', /there is no source "arch\.sp50"/);
    expect(found.help).toBe('Did you mean "arch.sp500"?');
  });
});

test('whatever is cut out of a study, loading it is no crash', () => {
  const lines = small.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    load(lines.toSpliced(index, 1).join('\n'));
    load(lines.slice(0, index).join('\n'));
  }
  for (let index = 0; index < small.length; index += 7) load(small.slice(0, index) + small.slice(index + 5));
});
