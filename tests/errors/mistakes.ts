// One mistake each, made in a small sound study: what is written, its code, and where it must be shown (between « and »).
import {replaced, small} from '../config/texts.ts';

export interface Mistake {
  readonly code: string;
  readonly what: string;
  /** Of `experiments.yaml`; without a marker the problem belongs to no place in it. */
  readonly text: string;
  /** Files beside it. */
  readonly files?: Readonly<Record<string, string>>;
  /** Places that explain the first one, as `line:column`, in `experiments.yaml` unless a file is named. */
  readonly see?: readonly string[];
  /** What to write instead. */
  readonly help?: RegExp;
}

const rule = '{for: {task: up2}, from: [{task: up1}, {task: up3}], method: interpolate}';
const rate = '{log: [1.0e-4, 1.0e-3]}';
const grid = 'architecture: {d_model: [8, 16], n_layers: [1, 2, 3, 4, 6], n_heads: [2, 4], ff_ratio: [2, 4]}';

/** The defaults with more in them. */
function defaults(more: string): string {
  return replaced('defaults: {tier: a20}', `defaults: {tier: a20, ${more}}`);
}

function below(lines: string): string {
  return replaced('defaults: {tier: a20}', `defaults:\n  ${lines}`);
}

function space(text: string): string {
  return replaced(rate, text);
}

function hpo(line: string): string {
  return replaced('      skip:', `      ${line}\n      skip:`);
}

function top(text: string): string {
  return replaced('version: 1\n', `version: 1\n${text}\n`);
}

export const mistakes: readonly Mistake[] = [
  {code: 'FTS101', what: 'a bracket that is not closed', text: 'version: 1\ndata: [\n«b»udgets: 2\n', help: /close the bracket/},
  {code: 'FTS101', what: 'a tab as indentation', text: 'version: 1\ndata:\n«\t»a: 1\n', help: /spaces/},
  {code: 'FTS101', what: 'an alias of nothing', text: defaults('context: «*lenght»'), help: /&lenght/},
  {code: 'FTS101', what: 'an empty file', text: '«»'},
  {code: 'FTS101', what: 'two documents', text: `${small}«---\na: 1\n»`, help: /one document/},
  {code: 'FTS101', what: 'a section that is indented', text: replaced('\nphases:', '\n\n# the phases\n\n« »phases:'), help: /neighbours/},
  {
    code: 'FTS101',
    what: 'a line that goes on with the value before',
    text: below('tier: a20\n\n   «context»: 60\n  dropout: 0.1'),
    help: /neighbours/,
  },
  {code: 'FTS101', what: 'a first line that is indented', text: `# a study\n« »${small}`, help: /neighbours/},
  {code: 'FTS101', what: 'a number without end', text: defaults('dropout: «.inf»')},
  {code: 'FTS101', what: 'a control character', text: top('project: caf«\u001b»[31m'), help: /Remove/},
  {code: 'FTS101', what: 'a character of UTF-16', text: `«\0»v\0e\0r\0s\0`, help: /UTF-8/},
  {
    code: 'FTS101',
    what: 'a control character by an escape',
    text: replaced('  first:', '  first:\n    title: «"\\e[31m"»'),
    help: /Remove/,
  },
  {code: 'FTS102', what: 'a key twice', text: `${small}«version»: 1\n`, see: ['1:1'], help: /one of the two/},
  {
    code: 'FTS102',
    what: 'a budget twice',
    text: replaced('  18K: {params: 18K}', '  «6K»: {params: 18K}').replace('[6K, 18K]', '[6K]'),
    see: ['5:3'],
  },
  {
    code: 'FTS102',
    what: 'two merges in one mapping',
    text: replaced('  first:\n', '  first:\n    <<: {seed: 7}\n    «<<»: {seed: 8}\n'),
    see: ['14:5'],
    help: /<<: \[\*first, \*second\]/,
  },
  {code: 'FTS103', what: 'an include that is missing', text: top('include: «confgs/a.yaml»'), help: /relative to/},
  {
    code: 'FTS103',
    what: 'a model file that is missing',
    text: replaced('{params: 6K}', '{params: 6K, model: «nofile.yaml»}'),
    help: /^The path of a model file/,
  },
  {code: 'FTS103', what: 'an include outside the workspace', text: top('include: «../a.yaml»')},
  {
    code: 'FTS104',
    what: 'includes in a circle',
    text: top('include: a.yaml'),
    files: {'a.yaml': 'include: «experiments.yaml»\n'},
    see: ['2:10'],
    help: /third file/,
  },
  {code: 'FTS105', what: 'lists in lists in lists', text: top(`x-deep: ${'['.repeat(60)}${']'.repeat(60)}`), help: /matrix|alias|flat/},
  {code: 'FTS106', what: 'a list as a key', text: `${small}? «[a]»\n: 1\n`, help: /plain text/},
  {code: 'FTS106', what: 'a merge of no mapping', text: `${small}x-a: &a 1\nx-b: {«<<»: *a}\n`},
  {code: 'FTS110', what: 'an unknown key', text: replaced('learning_rate:', '«learnig_rate»:'), help: /Did you mean "learning_rate"/},
  {code: 'FTS110', what: 'a key of the wrong place', text: hpo('«seeds»: [1]'), help: /seed/},
  {
    code: 'FTS110',
    what: 'a pool that no step takes from',
    text: `${small}resources: {«licence»: 1}\n`,
    help: /Allowed here: accelerator, cpu/,
  },
  {code: 'FTS110', what: 'a pool that is misspelt', text: `${small}resources: {«accelerater»: 1}\n`, help: /Did you mean "accelerator"/},
  {code: 'FTS110', what: 'a word of another program', text: space('{«loguniform»: [1.0e-4, 1.0e-3]}'), help: /^Did you mean "log"\?$/},
  {code: 'FTS110', what: 'an unknown section', text: `${small}«phase»: {}\n`, help: /Did you mean "phases"/},
  {code: 'FTS110', what: 'a word of a phase', text: defaults('hpo: {«skip»: {task: up2}}'), help: /in a phase/},
  {code: 'FTS111', what: 'a text for a number', text: defaults('context: «sixty»')},
  {code: 'FTS111', what: 'a text for a list', text: replaced('budget: [6K, 18K]', 'budget: «6K»')},
  {code: 'FTS111', what: 'a list for a mapping', text: replaced('- {for: {task: up2}, from', '- {for: «[]», from')},
  {code: 'FTS112', what: 'a word that is not one of the possible', text: defaults('loss: «focl»'), help: /Did you mean "focal"/},
  {code: 'FTS112', what: 'a test metric as objective', text: hpo('objective: {metric: «test_loss»}'), help: /validation metric/},
  {code: 'FTS113', what: 'a budget without its size', text: replaced('  6K: {params: 6K}', '  «6K»: {tolerance: 0.1}'), help: /params/},
  {code: 'FTS114', what: 'a number out of its range', text: defaults('dropout: «1.5»')},
  {
    code: 'FTS115',
    what: 'a duration in no unit',
    text: replaced('{params: 6K}', '{params: 6K, estimate: {trial: «5 parsecs»}}'),
    help: /30s/,
  },
  {
    code: 'FTS115',
    what: 'a day that there is not',
    text: defaults('split: {mode: dates, validation_from: «2015-02-30», test_from: 2016-02-28}'),
    help: /the calendar has/,
  },
  {code: 'FTS115', what: 'a count that is none', text: replaced('6K: {params: 6K}', '6K: {params: «six»}')},
  {code: 'FTS116', what: 'an empty list', text: replaced('[6K, 18K]', '«[]»'), help: /at least one/},
  {code: 'FTS117', what: 'a value twice in a list', text: replaced('[6K, 18K]', '[6K, 18K, «6K»]'), see: ['14:23'], help: /Remove/},
  {
    code: 'FTS118',
    what: 'a budget whose name is read as another number',
    text: replaced('  6K: {params: 6K}', '  «1.10»: {params: 6K}').replace('[6K, 18K]', '[18K]'),
    help: /in quotes: "1\.10"/,
  },
  {
    code: 'FTS118',
    what: 'a task whose name has a zero before it',
    text: replaced('  up1: {kind', '  up1: {kind: threshold, pct: 1}\n  «01»: {kind'),
    help: /in quotes: "01"/,
  },
  {
    code: 'FTS118',
    what: 'a name in quotes that is referred to without them',
    text: replaced('  6K: {params: 6K}', '  "1.10": {params: 6K}').replace('[6K, 18K]', '[«1.10», 18K]'),
    help: /in quotes/,
  },
  {
    code: 'FTS201',
    what: 'a name that a spreadsheet takes for a formula',
    text: replaced('  up1: {kind', '  up1: {kind: threshold, pct: 1}\n  «=1+1»: {kind'),
    help: /first/,
  },
  {
    code: 'FTS201',
    what: 'a name with a plus first',
    text: replaced('  up1: {kind', '  up1: {kind: threshold, pct: 1}\n  «+up»: {kind'),
    help: /first/,
  },
  {
    code: 'FTS201',
    what: 'a name with an at first',
    text: replaced('  up1: {kind', '  up1: {kind: threshold, pct: 1}\n  «"@up"»: {kind'),
    help: /first/,
  },
  {code: 'FTS201', what: 'a name with a space', text: replaced('  first:', '  «"a b"»:'), help: /letters, digits/},
  {code: 'FTS202', what: 'a phase named as a verb', text: replaced('  first:', '  «all»:'), help: /another name/},
  {code: 'FTS202', what: 'a profile named as a folder', text: `${small}profiles:\n  «hpo»: {threads: 2}\n`},
  {code: 'FTS203', what: 'a budget that is not declared', text: replaced('[6K, 18K]', '[6K, «18Kk»]'), help: /Did you mean "18K"/},
  {code: 'FTS203', what: 'a task that is not declared', text: replaced('up3]}', 'up3, «up4»]}'), help: /Did you mean "up1"|Known/},
  {code: 'FTS203', what: 'a tier that does not exist', text: replaced('tier: a20}', 'tier: «a21»}'), help: /Did you mean "a20"/},
  {code: 'FTS203', what: 'a dimension that does not exist', text: replaced('skip: {task: up2}', 'skip: {«tsk»: up2}'), help: /"task"/},
  {code: 'FTS203', what: 'a source that does not exist', text: replaced('arch.sp500', '«arch.sp50»'), help: /"arch\.sp500"/},
  {code: 'FTS203', what: 'a shape that does not exist', text: replaced('    matrix:', '    shape: «wide»\n    matrix:'), help: /./},
  {
    code: 'FTS203',
    what: 'a budget that only a profile changes',
    text: `${small}profiles:\n  smoke:\n    budgets: {«7K»: {params: 7K}}\n`,
    help: /Did you mean "6K"/,
  },
  {
    code: 'FTS204',
    what: 'two points of one name',
    text: replaced('matrix: {budget', 'matrix: «{context: [50, 60], budget', replaced('up3]}', 'up3]}»')),
    see: ['14:13'],
    help: /\{context\}/,
  },
  {
    code: 'FTS205',
    what: 'two datasets at one path',
    text: replaced(
      '  sp500: {',
      '  sp500: {builder: {source: arch.nasdaq, tiers: [a20]}}\n  «other»: {path: data/processed/v1/SP500.parquet, ',
      defaults('data: sp500'),
    ),
    see: ['3:3'],
    help: /path of its own/,
  },
  {
    code: 'FTS205',
    what: 'the log and the report at one path',
    text: top('paths: {log: docs/a.md, report: «docs/a.md»}'),
    see: ['2:14'],
    help: /path of its own/,
  },
  {code: 'FTS205', what: 'the report at the path of a runbook', text: top('paths: {report: «docs/first_runbook.md»}'), see: ['14:3']},
  {code: 'FTS205', what: 'the report over the study itself', text: top('paths: {report: «experiments.yaml»}'), help: /path of its own/},
  {code: 'FTS205', what: 'the log among the records of the program', text: top('paths: {log: «.ftsbuild/journal»}')},
  {code: 'FTS205', what: 'the results in the Python environment', text: top('paths: {outputs: «.venv/outputs»}')},
  {code: 'FTS205', what: 'the log among the studies', text: top('paths: {log: «outputs/hpo/log.csv»}')},
  {code: 'FTS205', what: 'the runbooks below the log', text: top('paths: {log: docs/log.csv, docs: «docs/log.csv»}'), see: ['2:14']},
  {code: 'FTS205', what: 'the results below the log', text: top('paths: {log: docs/a.csv, outputs: «docs/a.csv/b»}'), see: ['2:14']},
  {code: 'FTS205', what: 'the figures of the report over the log', text: top('paths: {log: «docs/figures»}')},
  {code: 'FTS205', what: 'the report in the records of Git', text: top('paths: {report: «.git/config»}'), help: /place of its own/},
  {code: 'FTS205', what: 'the scripts among packages', text: top('paths: {scripts: «sub/node_modules/x»}')},
  {
    code: 'FTS206',
    what: 'a name that no file system takes',
    text: top(`paths: {log: «docs/${'a'.repeat(300)}.csv»}`),
    help: /shorter/,
  },
  {code: 'FTS206', what: 'a path that no file system takes', text: top(`paths: {outputs: «${'a/'.repeat(1900)}b»}`), help: /shorter/},
  {code: 'FTS206', what: 'a path out of the workspace', text: top('paths: {log: «../log.csv»}'), help: /relative/},
  {
    code: 'FTS207',
    what: 'a name by a dimension that there is not',
    text: replaced('    matrix:', '    name: «"{phase}_{budgt}"»\n    matrix:'),
    help: /budget/,
  },
  {
    code: 'FTS208',
    what: 'a matrix of a billion points',
    text: replaced(
      'matrix: {budget: [6K, 18K], task: [up1, up2, up3]}',
      `matrix: «{budget: [6K], task: [up1], ${['horizon', 'context', 'batch_size'].map((name) => `${name}: [${numbers(1000)}]`).join(', ')}}»`,
    ),
    help: /phases/,
  },
  {
    code: 'FTS209',
    what: 'an exclusion of nothing',
    text: replaced('up3]}', 'up3]}\n    include: [{budget: 6K, task: up1, horizon: 2}]\n    exclude: «{budget: 18K, horizon: 2}»'),
    help: /combination/,
  },
  {code: 'FTS212', what: 'a phase named as a later verb', text: replaced('  first:', '  «fsck»:'), help: /\.\/fsck/},
  {
    code: 'FTS210',
    what: 'a tier that is not built',
    text: defaults('').replace('tier: a20, ', 'tier: «a250»'),
    see: ['3:3'],
    help: /Add "a250"/,
  },
  {
    code: 'FTS211',
    what: 'no tier anywhere',
    text: replaced('  first:', '  «first»:', replaced('defaults: {tier: a20}\n', '')),
    help: /tier/,
  },
  {code: 'FTS220', what: 'fixed and searched', text: hpo('learning_rate: «0.001»'), see: ['22:24'], help: /one of the two/},
  {
    code: 'FTS216',
    what: 'a task that no phase uses',
    text: replaced('tasks:\n', 'tasks:\n  «up5»: {kind: threshold, pct: 5}\n'),
    help: /remove it/,
  },
  {
    code: 'FTS220',
    what: 'a shape, and its numbers searched',
    text: replaced(
      'defaults:',
      'shapes: {wide: {d_model: 16, n_layers: 1, n_heads: 2, ff_ratio: 2}}\ndefaults:',
      replaced('    matrix:', '    shape: «wide»\n    matrix:'),
    ),
    see: ['22:33'],
    help: /one of the two/,
  },
  {
    code: 'FTS221',
    what: 'no architecture',
    text: replaced('  first:', '  «first»:', replaced(`        ${grid}\n`, '')),
    help: /architecture/,
  },
  {
    code: 'FTS222',
    what: 'a grid outside its budget',
    text: replaced('6K: {params: 6K}', '6K: {params: 1K}', replaced('d_model: [8, 16]', 'd_model: «[8, 16]»')),
    see: ['5:3'],
    help: /tolerance/,
  },
  {
    code: 'FTS223',
    what: 'heads that do not divide the width',
    text: replaced(grid, 'dropout: [0.1]', defaults('d_model: «16», n_layers: 1, n_heads: 3, ff_ratio: 2')),
    help: /divi/,
  },
  {code: 'FTS224', what: 'a range upside down', text: space('«{log: [1.0e-3, 1.0e-4]}»'), help: /./},
  {
    code: 'FTS224',
    what: 'a range whose end its step cannot reach',
    text: replaced(`learning_rate: ${rate}`, `learning_rate: ${rate}\n        epochs: «{int: [1, 6], step: 4}»`),
    help: /./,
  },
  {
    code: 'FTS225',
    what: 'a condition that never holds',
    text: replaced(`learning_rate: ${rate}`, 'loss: [bce, focal]\n        focal_gamma: {uniform: [0, 2], when: {«loss»: hinge}}'),
    help: /./,
  },
  {
    code: 'FTS226',
    what: 'a forced value outside the space',
    text: replaced('      search:', '      forced: [{learning_rate: «0.1»}]\n      search:'),
    help: /./,
  },
  {
    code: 'FTS227',
    what: 'a parameter without effect',
    text: defaults('split: {mode: contiguous, block: «200»}'),
    see: ['11:37'],
    help: /Remove/,
  },
  {
    code: 'FTS228',
    what: 'a goal against its metric',
    text: hpo('objective: {metric: val_auc, goal: «minimize»}'),
    see: ['16:27'],
    help: /Leave/,
  },
  {
    code: 'FTS229',
    what: 'a phase that does nothing',
    text: replaced(
      '  first:\n    matrix:',
      '  «first»:\n    training: none\n    matrix:',
      `${small.slice(0, small.indexOf('    hpo:'))}    shape: fixed\nshapes: {fixed: {d_model: 8, n_layers: 4, n_heads: 2, ff_ratio: 4}}\n`,
    ).replace('budget: [6K, 18K]', 'budget: [6K]'),
    help: /hpo\.search/,
  },
  {
    code: 'FTS230',
    what: 'nothing to borrow from',
    text: replaced(
      'skip: {task: up2}',
      'skip: «{task: [up1, up2]}»',
      replaced(rule, '{for: {task: up2}, from: [{task: up3}], method: copy}'),
    ),
    help: /hpo\.borrow/,
  },
  {
    code: 'FTS231',
    what: 'borrowing from what does not exist',
    text: replaced('from: [{task: up1}', 'from: [{task: «upp1»}'),
    help: /"up1"/,
  },
  {
    code: 'FTS232',
    what: 'borrowing in a circle',
    text: replaced(
      'skip: {task: up2}',
      'skip: {task: [up1, up2]}',
      replaced(
        `- ${rule}`,
        '- {for: {task: up2}, from: [{task: up1}], method: copy}\n        - {for: {task: up1}, from: [«{task: up2}»], method: copy}',
      ),
    ),
    see: ['18:37'],
    help: /study of its own/,
  },
  {
    code: 'FTS233',
    what: 'borrowing from a borrower',
    text: replaced(
      'skip: {task: up2}',
      'skip: {task: [up1, up2]}',
      replaced(
        `- ${rule}`,
        '- {for: {task: up2}, from: [«{task: up1}»], method: copy}\n        - {for: {task: up1}, from: [{task: up3}], method: copy}',
      ),
    ),
    see: ['18:11'],
    help: /itself/,
  },
  {
    code: 'FTS234',
    what: 'a method with too many sources',
    text: replaced(rule, `«${rule.replace('interpolate', 'copy')}»`),
    help: /method/,
  },
  {
    code: 'FTS235',
    what: "another budget's architecture",
    text: replaced(
      'skip: {task: up2}',
      'skip: {budget: 18K}',
      replaced(rule, '«{for: {budget: 18K}, from: [{budget: 6K}], method: copy}»'),
    ),
    help: /same/,
  },
  {
    code: 'FTS240',
    what: 'too few rows for the windows',
    text: replaced('tiers: [a20, a100]}}', 'tiers: [a20, a100]}, rows: {keep: 800}}', defaults('split: {min_windows: «200»}')),
    see: ['3:3'],
    help: /more rows/,
  },
  {code: 'FTS241', what: 'a block shorter than a window', text: defaults('split: {block: «60»}'), help: /./},
  {code: 'FTS241', what: 'a patch longer than its window', text: defaults('patch: {length: «61»}'), help: /./},
  {
    code: 'FTS242',
    what: 'fewer rows kept than wanted',
    text: replaced('tiers: [a20, a100]}}', 'tiers: [a20, a100]}, rows: {keep: «800», min: 1000}}'),
    see: ['3:85'],
    help: /Lower/,
  },
  {code: 'FTS250', what: 'half a condition', text: defaults('checks: [«val_loss >»]'), help: /./},
  {code: 'FTS251', what: 'a condition on an unknown value', text: defaults('checks: [«prediction_sdt» > 0.1]'), help: /"prediction_std"/},
  {code: 'FTS251', what: 'a metric of the test split', text: defaults('checks: [test.«auc» > 0.5]'), help: /^Test metrics are sealed/},
  {code: 'FTS251', what: 'a metric where only counts are known', text: defaults('assert: [«val_loss» < 1]'), help: /./},
  {code: 'FTS252', what: 'a value that is no condition', text: defaults('checks: [«val_loss»]'), help: /Compare/},
  {code: 'FTS260', what: 'thresholds that do not rise', text: top('thermal: {«warn»: 60}'), help: /rise/},
  {code: 'FTS261', what: 'readings without a pause', text: top('thermal: {sample: «0s»}'), help: /100ms to 24d/},
  {code: 'FTS261', what: 'readings that are too far apart for a timer', text: top('thermal: {sample: «30d»}'), help: /100ms to 24d/},
  {code: 'FTS261', what: 'a wait that is over at once', text: top('thermal: {max_wait: «0s»}'), help: /1ms/},
  {code: 'FTS261', what: 'a run that counts as stalled at once', text: top('watchdog: {at_least: «0ms»}'), help: /1ms/},
  {code: 'FTS261', what: 'a hardware log that never stops writing', text: top('monitor: {every: «99ms»}'), help: /100ms to 24d/},
];

function numbers(count: number): string {
  return Array.from({length: count}, (_, index) => index + 1).join(', ');
}
