// `ftsbuild check`: everything that can be known of a study without running it, for CI and before a commit. Writes nothing.
import {join, relative} from 'node:path';
import {hasErrors, type Diagnostic} from '../base/diagnostic.ts';
import {inspect, type Inspected} from '../build/inspect.ts';
import {interpreterOf} from '../build/run-job.ts';
import {compileScripts, scanScripts} from '../build/script-syntax.ts';
import type {Session} from '../build/session.ts';
import {findProfileNames} from '../config/profile.ts';
import {coreCount} from '../host/cores.ts';
import type {Disk} from '../host/disk.ts';
import {findPython} from '../host/find-python.ts';
import {packageFolder} from '../host/package-folder.ts';
import {workspaceDisk} from '../host/real-disk.ts';
import {readCatalogue} from '../ui/catalogue.ts';
import {describeCheck, describeStale, plainCheck, type CheckReport, type ScriptSyntax} from '../ui/check.ts';
import {githubError, githubLine} from '../ui/github.ts';
import {sarifLog} from '../ui/sarif.ts';
import {askData} from './ask-data.ts';
import type {CheckFormat} from './check-formats.ts';
import {exitCode} from './exit-codes.ts';
import {openSession, type OpenOptions} from './open.ts';
import type {Terminal} from './terminal.ts';
import {findWorkspace} from './workspace.ts';
import manifest from '../../package.json' with {type: 'json'};

export interface CheckOptions extends OpenOptions {
  readonly format: CheckFormat;
  /** Look at the data files that are there. */
  readonly data: boolean;
  /** Stale targets are no reason to fail. */
  readonly staleOk: boolean;
}

export async function check(options: CheckOptions, terminal: Terminal): Promise<number> {
  const place = findWorkspace(options);
  if (!place.ok) {
    const file = options.file ?? 'experiments.yaml';
    show({file, problems: place.error, studies: [], scripts: nothingRendered, stale: undefined}, options, terminal);
    return exitCode.usage;
  }
  const {root, file} = place.value;
  const report = await checkFile(options, root, file);
  show(report, options, terminal, root);
  if (hasErrors(report.problems)) return exitCode.usage;
  return report.stale === undefined ? exitCode.done : exitCode.stale;
}

const nothingRendered: CheckReport['scripts'] = {count: 0, syntax: {by: 'words', because: 'nothing was rendered'}};

interface Opened {
  readonly profile: string | undefined;
  readonly session: Session;
  readonly inspected: Inspected;
}

// The file as it stands, then under each of its profiles, unless one is named: a profile nobody tried is found broken when it is needed.
async function checkFile(options: CheckOptions, root: string, file: string): Promise<CheckReport> {
  const profiles = options.profile === undefined ? [undefined, ...findProfileNames(workspaceDisk(root), file)] : [options.profile];
  const problems: Diagnostic[] = [];
  const opened: Opened[] = [];
  for (const profile of profiles) {
    const study = openSession({...options, profile}, opened[0]?.session.digests);
    const found = [...(study.ok ? study.value.warnings : study.error)];
    if (study.ok) {
      const {session} = study.value;
      const seen = await inspect(session, {looksAtData: options.data, jobs: coreCount()});
      // Profiles read the same files: Python is asked once.
      const inspected = opened.length === 0 ? await askData(session, seen) : seen;
      opened.push({profile, session, inspected});
      found.push(...inspected.problems);
    }
    // A profile shares its lines with the file: what was found there already is not repeated.
    const known = new Set(problems.map(nameOf));
    const isExtra = profile !== undefined && options.profile === undefined;
    problems.push(...found.filter((entry) => !known.has(nameOf(entry))).map((entry) => (isExtra ? under(profile, entry) : entry)));
  }
  const {syntax, faults} = await checkScripts(opened);
  const found = inOrder([...problems, ...faults], file);
  const studies = opened.map(({profile, inspected: {plan, refused, data}}) => ({profile, plan, refused, data}));
  return {
    ...{file, problems: found, studies},
    stale: options.staleOk || hasErrors(found) ? undefined : describeStale(studies),
    scripts: {count: opened.reduce((sum, {inspected}) => sum + inspected.scripts.length, 0), syntax},
  };
}

function nameOf({code, span, message}: Diagnostic): string {
  return span === undefined ? `${code} ${message}` : `${code} ${span.file}:${span.offset}`;
}

function under(profile: string, entry: Diagnostic): Diagnostic {
  return {...entry, message: `${entry.message} (with --profile ${profile})`};
}

async function checkScripts(opened: readonly Opened[]): Promise<{readonly syntax: ScriptSyntax; readonly faults: readonly Diagnostic[]}> {
  const scripts = opened.flatMap(({inspected}) => inspected.scripts);
  const [first] = opened;
  if (first === undefined || scripts.length === 0) return {syntax: nothingRendered.syntax, faults: []};
  const interpreter = await findInterpreter(first.session);
  if (interpreter === undefined) return {syntax: {by: 'words', because: 'there is no Python here'}, faults: scanScripts(scripts)};
  const {pythonExecutor} = await import('../executors/python.ts');
  const python = pythonExecutor({
    ...{interpreter: interpreter.path, directory: first.session.disk.root, packageRoot: first.session.packageRoot},
    ...{preload: [], cold: false, isReadOnly: true},
  });
  try {
    const compiled = await compileScripts(scripts, (files) => python.checkSyntax(files));
    return compiled.ok
      ? {syntax: {by: 'python', interpreter: interpreter.name}, faults: compiled.value}
      : {syntax: {by: 'words', because: compiled.error}, faults: scanScripts(scripts)};
  } finally {
    await python.close();
  }
}

// The study's own interpreter; before its environment is made, one of the machine knows the language as well.
async function findInterpreter(session: Session): Promise<{readonly path: string; readonly name: string} | undefined> {
  const own = interpreterOf(session);
  if (session.disk.stat(own) !== 'missing') return {path: own, name: "the study's Python"};
  const search = await findPython();
  return 'found' in search ? {path: search.found.path, name: `Python ${search.found.version}`} : undefined;
}

// The root file first, then what it includes by name; what belongs to no place comes before all.
function inOrder(problems: readonly Diagnostic[], file: string): readonly Diagnostic[] {
  const rank = ({span}: Diagnostic): string => (span === undefined ? '' : span.file === file ? ' ' : ` ${span.file}`);
  return problems.toSorted((left, right) => {
    const [one, other] = [rank(left), rank(right)];
    return one === other ? (left.span?.offset ?? 0) - (right.span?.offset ?? 0) : one < other ? -1 : 1;
  });
}

function show(report: CheckReport, {format, directory}: CheckOptions, terminal: Terminal, root = '.'): void {
  const pathOf = (file: string): string => inRepository(root, file);
  switch (format) {
    case 'text':
      if (report.problems.length > 0) terminal.printProblems(report.problems, directory ?? '.');
      for (const line of describeCheck(report)) terminal.print(line);
      if (report.stale !== undefined) terminal.printError(`error: ${report.stale}`);
      break;
    case 'json':
      terminal.print(JSON.stringify(plainCheck(report), null, 2));
      break;
    case 'github':
      for (const entry of report.problems) terminal.print(githubLine(entry, pathOf));
      if (report.stale !== undefined) terminal.print(githubError('stale', report.stale));
      for (const line of describeCheck(report)) terminal.print(line);
      break;
    case 'sarif':
      terminal.print(JSON.stringify(asSarif(report, pathOf, workspaceDisk(root)), null, 2));
  }
}

function asSarif({file, problems, stale}: CheckReport, pathOf: (file: string) => string, disk: Disk): object {
  const catalogue = readCatalogue(disk.readText(join(packageFolder(), 'docs/errors.md')) ?? '');
  const texts = {textOf: (path: string) => disk.readText(path), meaningOf: (code: string) => catalogue.get(code)};
  return sarifLog(problems, {version: manifest.version, file, stale, pathOf, ...texts});
}

// CI stands in the root of the repository, which may hold the workspace in a folder of its own.
function inRepository(root: string, file: string): string {
  const path = relative(process.cwd(), join(root, file)).replaceAll('\\', '/');
  return path.startsWith('..') ? file : path;
}
