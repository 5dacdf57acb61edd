// Problems that no text of a study causes: each in the situation in which it arises.
import {createHash} from 'node:crypto';
import type {Diagnostic} from '../../src/base/diagnostic.ts';
import {projectPath} from '../../src/base/ids.ts';
import type {Result} from '../../src/base/result.ts';
import {inspect} from '../../src/build/inspect.ts';
import {cautionOf, findMissingFiles, findScriptFailures} from '../../src/build/input-gates.ts';
import {cautionOfOutsider} from '../../src/build/discovered.ts';
import {findResourceFailures, type Spender} from '../../src/build/resource-gates.ts';
import {verifyOutputs} from '../../src/build/outputs.ts';
import {closeUnfinished} from '../../src/build/unfinished.ts';
import {compileScripts} from '../../src/build/script-syntax.ts';
import type {Session} from '../../src/build/session.ts';
import {check} from '../../src/commands/check.ts';
import {diff} from '../../src/commands/diff.ts';
import {init} from '../../src/commands/init.ts';
import {list} from '../../src/commands/list.ts';
import {openSession} from '../../src/commands/open.ts';
import type {Terminal} from '../../src/commands/terminal.ts';
import {parseTiers} from '../../src/config/tiers.ts';
import {pythonExecutor} from '../../src/executors/python.ts';
import {buildGraph} from '../../src/graph/graph.ts';
import type {Node} from '../../src/graph/node.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import type {Resources} from '../../src/host/resources.ts';
import {graphOf} from '../../src/rules/nodes.ts';
import {readDataManifest, recordDataset} from '../../src/state/data-manifest.ts';
import {findForeignFiles} from '../../src/ui/begun-anew.ts';
import {plainPaint} from '../../src/ui/paint.ts';
import {replaced, small} from '../config/texts.ts';
import {Workspace} from '../support/command-line.ts';
import {unkillableLeftover} from '../support/leftover.ts';
import {testPython} from '../support/python-interpreter.ts';
import {sampleBestParams} from '../support/samples.ts';
import {nodeOf, studyFromText} from '../support/studies.ts';

export interface Situation {
  readonly code: string;
  readonly what: string;
  readonly produce: () => Promise<readonly Diagnostic[]>;
}

export const situations: readonly Situation[] = [
  {code: 'FTS001', what: 'a folder without a study', produce: () => checked(Workspace.forTest())},
  {code: 'FTS002', what: 'a folder that does not exist', produce: () => checked({root: `${Workspace.forTest().root}/none`})},
  {code: 'FTS003', what: 'a study that is there already', produce: () => begun(study())},
  {code: 'FTS004', what: 'a first study with budgets that are none', produce: () => begun(Workspace.forTest(), {budgets: 'huge'})},
  {code: 'FTS107', what: 'a file of tiers that is no table', produce: () => Promise.resolve(problemsIn(parseTiers('[]')))},
  {
    code: 'FTS301',
    what: 'two nodes with one output',
    produce: () => {
      const {graph} = studyFromText(small);
      const [first] = graph.nodes;
      return Promise.resolve(problemsIn(buildGraph(first === undefined ? [] : [first, {...first, label: 'another'}])));
    },
  },
  {
    code: 'FTS302',
    what: 'two nodes that need each other',
    produce: () => {
      const {graph} = studyFromText(small);
      const [one, other] = graph.nodes.filter(({rule}) => rule === 'script');
      if (one === undefined || other === undefined) throw new Error('the study has scripts');
      return Promise.resolve(problemsIn(buildGraph([needing(one, other), needing(other, one)])));
    },
  },
  {code: 'FTS401', what: 'a target that does not exist', produce: () => listed({targets: ['frist']})},
  {
    code: 'FTS402',
    what: 'filters that leave nothing',
    produce: () => listed({only: ['budget=6K'], except: ['budget=6K'], targets: ['first']}),
  },
  {code: 'FTS403', what: 'a filter without a value', produce: () => listed({only: ['budget']})},
  {code: 'FTS404', what: 'a filter on an unknown value', produce: () => listed({only: ['budget=6k']})},
  {code: 'FTS405', what: 'a comparison with no file and no revision', produce: () => compared('HAED')},
  {
    code: 'FTS406',
    what: 'events over a file of the study',
    produce: () => Promise.resolve(findForeignFiles(memoryDisk({'experiments.yaml': small}), {events: 'experiments.yaml'})),
  },
  {code: 'FTS501', what: 'borrowing from a file that is no result', produce: borrowFromNothing},
  {
    code: 'FTS502',
    what: 'a template that asks for what there is not',
    produce: () => inspectedWith('train.py.hbs', (text) => `${text}# {{scrypt_path}}\n`),
  },
  {code: 'FTS502', what: 'a template that cannot be read', produce: () => inspectedWith('report.md.hbs', (text) => `{{#if}${text}`)},
  {code: 'FTS503', what: 'a template that makes no Python', produce: compileBroken},
  {code: 'FTS504', what: 'data with too few rows', produce: checkWithFewRows},
  {code: 'FTS511', what: 'a result that a check warns of', produce: verifyPoor},
  {
    code: 'FTS516',
    what: 'a module that is in no key',
    produce: () => Promise.resolve([cautionOfOutsider({module: 'fts.extra', path: 'fts/extra.py', sha256: ''})]),
  },
  {code: 'FTS601', what: 'a full disk', produce: () => gated(small, {freeDisk: () => 0})},
  {code: 'FTS602', what: 'too little memory', produce: () => gated(`${small}gates: {memory: 1GB}\n`, {freeMemory: () => 0})},
  {
    code: 'FTS603',
    what: 'no accelerator',
    produce: () => gated(replaced('tier: a20}', 'tier: a20, device: cuda}'), {hasDevice: () => false}),
  },
  {code: 'FTS604', what: 'a data file that nobody has put there', produce: missingData},
  {code: 'FTS605', what: 'a package that is not installed', produce: missingModule},
  {code: 'FTS606', what: 'a job of a dead build that no signal ends', produce: leftRunning},
  {code: 'FTS607', what: 'prices with a gap', produce: checkWithGap},
  {code: 'FTS801', what: 'a journal that is none', produce: () => checked(study({'.ftsbuild/journal': 'dear diary\n'}))},
  {code: 'FTS802', what: 'a journal of the future', produce: () => checked(study({'.ftsbuild/journal': '{"ftsbuild_journal":99}\n'}))},
  {
    code: 'FTS803',
    what: 'a journal with a damaged line',
    produce: () => Promise.resolve(warningsOf(study({'.ftsbuild/journal': '{"ftsbuild_journal":1}\nrubbish\n'}))),
  },
];

function study(files: Readonly<Record<string, string>> = {}): Workspace {
  return Workspace.forTest({'experiments.yaml': small, ...files});
}

async function leftRunning(): Promise<readonly Diagnostic[]> {
  const {session, processes} = await unkillableLeftover();
  return closeUnfinished(session, {processes});
}

function problemsIn(result: Result<unknown>): readonly Diagnostic[] {
  return result.ok ? [] : result.error;
}

function collecting(problems: Diagnostic[]): Terminal {
  return {
    paint: plainPaint,
    print: () => undefined,
    printError: () => undefined,
    printProblems: (found) => problems.push(...found),
    confirm: () => Promise.resolve(false),
    ask: () => Promise.resolve(undefined),
    hasPerson: false,
  };
}

async function checked({root}: Pick<Workspace, 'root'>): Promise<readonly Diagnostic[]> {
  const problems: Diagnostic[] = [];
  await check({directory: root, format: 'text', data: true, staleOk: true}, collecting(problems));
  return problems;
}

async function compared(before: string): Promise<readonly Diagnostic[]> {
  const problems: Diagnostic[] = [];
  await diff({directory: study().root, before, after: undefined, format: 'text', exitCode: false}, collecting(problems));
  return problems;
}

async function begun({root}: Workspace, answers: {readonly budgets?: string} = {}): Promise<readonly Diagnostic[]> {
  const problems: Diagnostic[] = [];
  await init({directory: root, yes: true, ...answers}, collecting(problems));
  return problems;
}

function listed(words: {
  readonly targets?: string[];
  readonly only?: string[];
  readonly except?: string[];
}): Promise<readonly Diagnostic[]> {
  const problems: Diagnostic[] = [];
  const options = {directory: study().root, targets: ['all'], only: [], except: [], scripts: false, json: false, ...words};
  list(options, collecting(problems));
  return Promise.resolve(problems);
}

function warningsOf({root}: Workspace): readonly Diagnostic[] {
  const opened = openSession({directory: root});
  return opened.ok ? opened.value.warnings : opened.error;
}

function opened(workspace: Workspace): Session {
  const session = openSession({directory: workspace.root});
  if (!session.ok) throw new Error(session.error.map(({message}) => message).join('; '));
  return session.value.session;
}

function needing(node: Node, other: Node): Node {
  const path = other.outputs[0]?.path ?? projectPath('nothing');
  return {...node, inputs: [{path, kind: 'explicit', part: {of: 'file'}}]};
}

async function borrowFromNothing(): Promise<readonly Diagnostic[]> {
  const {work} = nodeOf(studyFromText(small), 'outputs/hpo/first_6K_h1_up2/best_params.json');
  return work.kind === 'internal' ? problemsIn(await work.perform({readText: () => '{}'})) : [];
}

/** The small study's session, with one of the templates changed. */
function withTemplate(name: string, change: (text: string) => string): Session {
  const session = opened(study());
  const templates = new Map(session.templates).set(name, change(session.templates.get(name) ?? ''));
  const graph = graphOf({study: session.study, templates, requirements: {file: 'requirements.lock', text: ''}, hasAccelerator: false});
  if (!graph.ok) throw new Error('templates do not shape the graph');
  return {...session, templates, graph: graph.value};
}

async function inspectedWith(name: string, change: (text: string) => string): Promise<readonly Diagnostic[]> {
  return (await inspect(withTemplate(name, change), {looksAtData: false, jobs: 1})).problems;
}

async function compileBroken(): Promise<readonly Diagnostic[]> {
  const session = withTemplate('train.py.hbs', (text) => `${text}\ndef broken(:\n    pass\n`);
  const {scripts} = await inspect(session, {looksAtData: false, jobs: 1});
  const {root} = session.disk;
  const python = pythonExecutor({
    ...{interpreter: testPython(), directory: root, packageRoot: session.packageRoot, preload: [], cold: false, isReadOnly: true},
  });
  try {
    const compiled = await compileScripts(scripts, (files) => python.checkSyntax(files));
    return compiled.ok ? compiled.value : [];
  } finally {
    await python.close();
  }
}

function checkWithFewRows(): Promise<readonly Diagnostic[]> {
  const workspace = study();
  const {
    disk,
    study: {paths, data},
  } = opened(workspace);
  const path = data[0]?.path ?? '';
  disk.write(path, 'rows');
  recordDataset(disk, paths.manifest, {
    ...{schema_version: 1, kind: 'dataset', dataset: 'sp500', path, rows: 800, md5: 'm', columns: {}, raw: null},
    sha256: createHash('sha256').update('rows').digest('hex'),
  });
  return checked(workspace);
}

function checkWithGap(): Promise<readonly Diagnostic[]> {
  const gap = {kind: 'gap', message: 'a gap of 701 days, from 2006-07-13 to 2008-06-13'};
  const entry = {dataset: 'sp500', path: 'data/x.parquet', rows: 800, md5: 'm', sha256: 's', columns: {}, cautions: [gap]};
  const disk = memoryDisk({});
  recordDataset(disk, 'manifest.json', {schema_version: 1, kind: 'dataset', raw: null, ...entry});
  const cautions = readDataManifest(disk, 'manifest.json').get('data/x.parquet')?.cautions ?? [];
  return Promise.resolve(cautions.map(({message}) => cautionOf('data/x.parquet', message)));
}

function spendersOf({graph}: Session): readonly Spender[] {
  return graph.nodes.flatMap((node) => (node.work.kind === 'job' && node.rule !== 'data' ? [{node, work: node.work.job}] : []));
}

function gated(text: string, lacking: Partial<Resources>): Promise<readonly Diagnostic[]> {
  const session = opened(Workspace.forTest({'experiments.yaml': text}));
  const resources = {freeDisk: () => 1e15, freeMemory: () => 1e15, hasDevice: () => true, ...lacking};
  return Promise.resolve(findResourceFailures(session, spendersOf(session), resources).map(({diagnostic}) => diagnostic));
}

function missingData(): Promise<readonly Diagnostic[]> {
  const text = replaced('{builder: {source: arch.sp500, tiers: [a20, a100]}}', '{path: data/given.parquet}');
  const session = opened(Workspace.forTest({'experiments.yaml': text}));
  return Promise.resolve(findMissingFiles(session, session.graph.nodes).map(({diagnostic}) => diagnostic));
}

async function missingModule(): Promise<readonly Diagnostic[]> {
  const session = opened(study());
  const python = {checkSyntax: () => Promise.resolve([]), findMissingModules: () => Promise.resolve(['optuna'])};
  return (await findScriptFailures(session, spendersOf(session), python)).map(({diagnostic}) => diagnostic);
}

async function verifyPoor(): Promise<readonly Diagnostic[]> {
  const text = replaced('tier: a20}', "tier: a20, checks: [{expr: 'val_loss < 0.1', severity: warn}]}");
  const session = opened(Workspace.forTest({'experiments.yaml': text}));
  const node = nodeOf(session, 'outputs/hpo/first_6K_h1_up1/best_params.json');
  if (node.work.kind !== 'job') throw new Error('a search is a job');
  const {job} = node.work;
  for (const output of node.outputs) session.disk.write(output.path, '');
  const params = {d_model: 8, n_layers: 1, n_heads: 2, ff_ratio: 2, learning_rate: 0.001};
  session.disk.write(node.outputs[0]?.path ?? '', JSON.stringify({...sampleBestParams('0'.repeat(64)), identity: job.identity, params}));
  return (await verifyOutputs(session, node, job, 'any')).warnings;
}
