// `ftsbuild init`: a first study in a folder of one's own. Asks everything before it writes anything, and overwrites nothing.
import {basename, join, resolve} from 'node:path';
import {problem, type Diagnostic} from '../base/diagnostic.ts';
import {failure, success, type Result} from '../base/result.ts';
import {loadStudy} from '../config/load.ts';
import {builtInData, findBudgetProblem, starterStudy, usualBudgets, type StarterAnswers} from '../config/starter.ts';
import {systemClock} from '../host/clock.ts';
import type {Disk} from '../host/disk.ts';
import {packageFolder} from '../host/package-folder.ts';
import {workspaceDisk} from '../host/real-disk.ts';
import {describeForeign} from '../state/price-file.ts';
import {readPriceTable} from '../state/price-table.ts';
import {ignoredText, nextSteps, workflowText} from '../ui/starter-files.ts';
import {refuse} from './build.ts';
import {exitCode} from './exit-codes.ts';
import {readTiers} from './open.ts';
import {schemaFile} from './schema-file.ts';
import {namedSchema} from './schema.ts';
import type {Terminal} from './terminal.ts';
import {configName} from './workspace.ts';

export interface InitOptions {
  readonly directory?: string | undefined;
  readonly project?: string | undefined;
  readonly data?: string | undefined;
  readonly budgets?: string | undefined;
  /** Asks nothing. */
  readonly yes: boolean;
}

export async function init(options: InitOptions, terminal: Terminal): Promise<number> {
  const disk = workspaceDisk(resolve(options.directory ?? '.'));
  const sayNo = (problems: readonly Diagnostic[]): number => refuse(problems, {directory: disk.root}, terminal);
  if (disk.stat('.') === 'missing') return sayNo([problem('FTS002', `there is no folder ${options.directory ?? '.'}`)]);
  // Who has a study already is asked nothing: it stays as it is.
  const isAsking = terminal.hasPerson && !options.yes && disk.stat(configName) === 'missing';
  const answers = await readAnswers(disk, options, isAsking ? terminal : undefined);
  if (answers === undefined) {
    terminal.printError('Nothing was written.');
    return exitCode.interrupted;
  }
  if (!answers.ok) return sayNo(answers.error);
  const files = filesFor(answers.value);
  if (!files.ok) return sayNo(files.error);
  const standing = [...files.value].map(([path, text]) => ({path, text, standing: standingOf(disk, path, text)}));
  if (standing.some(({path, standing: how}) => path === configName && how === 'other')) {
    const help = 'Change it as you like, or start in another folder (-C DIR).';
    return sayNo([problem('FTS003', `there is an ${configName} already, and it stays as it is`, {help})]);
  }
  for (const {path, text, standing: how} of standing) {
    if (how === 'missing') disk.write(path, text);
    terminal.print(how === 'missing' ? `wrote ${path}` : how === 'same' ? `have  ${path}` : `kept  ${path}, which is your own`);
  }
  terminal.print(`\n${nextSteps}`);
  return exitCode.done;
}

function standingOf(disk: Disk, path: string, text: string): 'missing' | 'same' | 'other' {
  if (disk.stat(path) === 'missing') return 'missing';
  return disk.readText(path) === text ? 'same' : 'other';
}

type Check = (answer: string) => Diagnostic | undefined;

/** Undefined: the person broke off. */
async function readAnswers(disk: Disk, options: InitOptions, person: Terminal | undefined): Promise<Result<StarterAnswers> | undefined> {
  const questions: readonly {readonly given: string | undefined; readonly usual: string; readonly text: string; readonly check: Check}[] = [
    {given: options.project, usual: basename(disk.root) || 'study', text: "The project's name", check: findProjectProblem},
    {
      given: options.data,
      usual: 'sp500',
      text: 'Daily prices: sp500 or nasdaq (both built in), or your own CSV or Parquet file',
      check: (answer) => findDataProblem(disk, answer),
    },
    {
      given: options.budgets,
      usual: usualBudgets.join(','),
      text: 'Model sizes, in parameters',
      check: (answer) => findBudgetProblem(listOf(answer)),
    },
  ];
  const answers: string[] = [];
  for (const {given, usual, text, check} of questions) {
    const answer =
      given === undefined && person !== undefined ? await askUntilRight(person, {usual, text, check}) : checked(given ?? usual, check);
    if (answer === undefined || !answer.ok) return answer;
    answers.push(answer.value);
  }
  const [project = '', data = '', budgets = ''] = answers;
  const looked = builtInData.has(data) ? undefined : lookAtPrices(disk, data);
  const timescale = looked?.is === 'sound' ? looked.timescale : 'daily';
  return success({project, data, budgets: listOf(budgets), timescale});
}

function checked(answer: string, check: Check): Result<string> {
  const wrong = check(answer);
  return wrong === undefined ? success(answer) : failure([wrong]);
}

const mostAttempts = 3;

async function askUntilRight(
  person: Terminal,
  {usual, text, check}: {readonly usual: string; readonly text: string; readonly check: Check},
): Promise<Result<string> | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const said = await person.ask(`${text} [${usual}]: `);
    if (said === undefined) return undefined;
    const answer = checked(said === '' ? usual : said, check);
    if (answer.ok || attempt === mostAttempts) return answer;
    person.printProblems(answer.error, '.');
  }
}

function listOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

function findProjectProblem(answer: string): Diagnostic | undefined {
  return /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(answer) && answer.trim() !== ''
    ? undefined
    : problem('FTS004', "the project's name must be one line of text");
}

function findDataProblem(disk: Disk, answer: string): Diagnostic | undefined {
  if (builtInData.has(answer)) return undefined;
  const help = `Write ${[...builtInData.keys()].join(', ')}, or the path of a .csv or .parquet file in this folder or below.`;
  if (!/\.(?:csv|parquet)$/i.test(answer))
    return problem('FTS004', `"${answer}" is neither built-in data nor a CSV or Parquet file`, {help});
  const stat = disk.stat(answer);
  if (stat === 'missing' || stat.kind !== 'file') return problem('FTS004', `there is no file ${answer}`, {help});
  const looked = lookAtPrices(disk, answer);
  return looked.is === 'wrong' ? problem('FTS004', looked.message, {help: 'Correct the file first, or begin with sp500.'}) : undefined;
}

type Prices = {readonly is: 'sound'; readonly timescale: string} | {readonly is: 'wrong'; readonly message: string};

const dayMs = 86_400_000;

/** Its header and rows, as the data step will read them. Of Parquet only that it is some. A file of weekly bars is as good as one of days. */
function lookAtPrices(disk: Disk, path: string): Prices {
  const content = disk.readBytes(path) ?? new Uint8Array();
  if (!/\.csv$/i.test(path)) {
    const foreign = describeForeign(content, path);
    return foreign === undefined ? {is: 'sound', timescale: 'daily'} : {is: 'wrong', message: `${path} ${foreign}`};
  }
  const today = Math.floor(systemClock.now() / dayMs);
  const wanted = {path, columns: [], as: 'raw', calendar: 'mon-fri', maxNan: 0, today} as const;
  const daily = readPriceTable(content, {...wanted, timescale: 'daily'});
  if (daily.is === 'sound') return {is: 'sound', timescale: 'daily'};
  return readPriceTable(content, {...wanted, timescale: 'weekly'}).is === 'sound' ? {is: 'sound', timescale: 'weekly'} : daily;
}

/** Path -> text, in the order in which they are told. What is written must load: a path out of the folder, for instance, does not. */
function filesFor(answers: StarterAnswers): Result<ReadonlyMap<string, string>> {
  const home = packageFolder();
  const program = workspaceDisk(home);
  const text = starterStudy(answers);
  const reader = {readText: (path: string) => (path === configName ? text : undefined)};
  const tiers = readTiers(program, home);
  if (!tiers.ok) return tiers;
  const loaded = loadStudy(reader, {file: configName, tiers: tiers.value});
  if (!loaded.ok) return failure(loaded.error.map(({code, message}) => problem(code, message)));
  const names = program.list('templates');
  const templates = (names === 'missing' ? [] : names).filter((name) => name.endsWith('.hbs')).map((name) => join('templates', name));
  return success(
    new Map([
      [configName, text],
      [schemaFile, namedSchema(reader, configName)],
      ['.gitignore', ignoredText],
      ['.github/workflows/experiments.yml', workflowText],
      ...templates.map((path) => [path, program.readText(path) ?? ''] as const),
    ]),
  );
}
