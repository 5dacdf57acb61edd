// The command line: words to options, one verb a file. Wiring only.
import {Argument, Command, InvalidArgumentError, Option} from 'commander';
import {DiskError} from '../host/disk.ts';
import {parseDuration, parseSize} from '../base/units.ts';
import type {BuildOptions} from './build.ts';
import {checkFormats, type CheckFormat} from './check-formats.ts';
import {diffFormats, type DiffFormat} from './diff-formats.ts';
import {exitCode} from './exit-codes.ts';
import {graphFormats, type GraphFormat} from './graph-formats.ts';
import {shells, type Shell} from '../ui/completion-scripts.ts';
import {examplesOf} from '../ui/examples.ts';
import {systemTerminal, type Terminal} from './terminal.ts';
import manifest from '../../package.json' with {type: 'json'};

/** Runs one command line; the result is the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const terminal = systemTerminal();
  let code: number = exitCode.done;
  const program = makeProgram(terminal, (value) => {
    code = value;
  });
  try {
    await program.parseAsync(words[0] === hiddenVerb ? words : words.map(withDuration), {from: 'user'});
  } catch (error) {
    if (error instanceof DiskError) {
      terminal.printError(`error: ${error.message}`);
      return exitCode.gate;
    }
    if (isCommanderError(error)) return error.exitCode === 0 ? exitCode.done : exitCode.usage;
    throw error;
  }
  return code;
}

// `--wait all` waits and builds `all`: only a duration belongs to it.
function withDuration(word: string, at: number, words: readonly string[]): string {
  return word === '--wait' && parseDuration(words[at + 1] ?? '') === undefined ? '--wait=1d' : word;
}

type Finish = (code: number) => void;

/** Every verb with its options: what runs, what completes, and what the help is made of. */
export function makeProgram(terminal: Terminal, finish: Finish): Command {
  const program = new Command('ftsbuild')
    .description('Builds what experiments.yaml describes: data, searches, trainings, report. Runs only what is stale.')
    .version(manifest.version, '-V, --version', 'print the version')
    .exitOverride()
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .helpOption('-h, --help', 'print this help');
  common(program)
    .argument('[targets...]', 'paths, directories, globs, experiments, phases, or all, environment, data, scripts, hpo, training, report')
    .option('-n, --dry-run', 'say what would run, why, and for how long; write nothing')
    .option('-j, --jobs <n>', 'run at most so many nodes at once', positiveInteger)
    .addOption(new Option('-k, --keep-going', 'go on with what a failure does not touch (the default)').conflicts('failFast'))
    .option('--fail-fast', 'start nothing new after the first failure')
    .option('-B, --always-make', 'run the targets although they are fresh')
    .option('-q, --question', 'run nothing; exit status 1 when something is stale')
    .option('-s, --silent', 'print failures only')
    .option('-v, --verbose', 'print reasons, epochs, what jobs print, and what is blocked')
    .option('--events <file>', 'write the events of the build there as well, one JSON object a line')
    .option('--trace <file>', 'write a trace of the build there, for ui.perfetto.dev')
    .addOption(
      new Option('-t, --touch', 'run nothing; take the results that lie there as those of today (adopt)').conflicts([
        'dryRun',
        'question',
        'alwaysMake',
      ]),
    )
    .option('--cold', 'start every Python step as a fresh process')
    .option('--json', 'with --dry-run: print the plan as JSON')
    .option('--max-hours <n>', 'start nothing when the plan is estimated to cost more hours of compute', positiveNumber)
    .addOption(
      new Option('--ask-over <duration>', 'ask before a node that is estimated to take longer').argParser(duration).default(dayMs, '24h'),
    )
    .option('-y, --yes', 'answer every question with yes')
    .option('--wait [duration]', 'wait for another build in this workspace (30m, 2h; without a duration for a day)', duration)
    .action(async (targets: string[]) => {
      if (targets.length === 0) {
        program.outputHelp({error: true});
        finish(exitCode.usage);
        return;
      }
      if (isSet(program, 'json') && !isSet(program, 'dryRun')) program.error("error: option '--json' of a build goes with --dry-run");
      if (isSet(program, 'touch')) {
        const {adopt} = await import('./adopt.ts');
        finish(await adopt({...buildFlags(program), targets, reason: 'touched'}, terminal));
        return;
      }
      const {build} = await import('./build.ts');
      finish(await build({...buildFlags(program), targets}, terminal));
    });
  addChecker(program, terminal, finish);
  addReaders(program, terminal, finish);
  addWatch(program, terminal, finish);
  addDiff(program, terminal, finish);
  addDoctor(program, terminal, finish);
  addKeepers(program, terminal, finish);
  addCollector(program, terminal, finish);
  addAsks(program, terminal, finish);
  addAuthors(program, terminal, finish);
  for (const command of [program, ...program.commands]) command.addHelpText('after', () => examplesOf(command.name()));
  return program;
}

function addChecker(program: Command, terminal: Terminal, finish: Finish): void {
  const check = place(program.command('check'))
    .description('say everything that is wrong with the study, without running anything')
    .addOption(new Option('--format <format>', 'what to print').choices(checkFormats).default('text'))
    .option('--json', 'the same as --format json')
    .option('--no-data', 'do not look at data files')
    .addOption(
      new Option('--stale-ok <answer>', 'whether stale targets are fine; with no: exit status 1').choices(['yes', 'no']).default('yes'),
    )
    .action(async () => {
      const {check: run} = await import('./check.ts');
      const {format, data, staleOk} = check.opts<{format: CheckFormat; data: boolean; staleOk: 'yes' | 'no'}>();
      const {file, directory, profile} = placeFlags(check, program);
      const chosen = isSet(check, 'json') ? 'json' : format;
      finish(await run({file, directory, profile, format: chosen, data, staleOk: staleOk === 'yes'}, terminal));
    });
}

function addReaders(program: Command, terminal: Terminal, finish: Finish): void {
  const why = common(program.command('why'))
    .description('say what changed since a target was made, or why it is fresh')
    .argument('<targets...>')
    .option('--params', 'show each parameter and where its value comes from')
    .option('--json', 'print JSON')
    .action(async (targets: string[]) => {
      const {why: run} = await import('./why.ts');
      finish(await run({...placeFlags(why, program), params: isSet(why, 'params'), json: isSet(why, 'json'), targets}, terminal));
    });
  const status = common(program.command('status'))
    .description('show how the study stands, by phase and budget')
    .argument('[targets...]')
    .option('--json', 'print JSON')
    .action(async (targets: string[]) => {
      const {status: run} = await import('./status.ts');
      finish(await run({...placeFlags(status, program), json: isSet(status, 'json'), targets}, terminal));
    });
  const list = common(program.command('list'))
    .description('list targets, or the commands to run them by hand')
    .argument('[targets...]')
    .option('--scripts', 'print the command of each script')
    .option('--json', 'print JSON')
    .action(async (targets: string[]) => {
      const {list: run} = await import('./list.ts');
      finish(run({...placeFlags(list, program), scripts: isSet(list, 'scripts'), json: isSet(list, 'json'), targets}, terminal));
    });
  const graph = common(program.command('graph'))
    .description('draw who needs whom, and how each stands')
    .argument('[targets...]', 'only these and what they need')
    .addOption(new Option('--format <format>', 'what to print').choices(graphFormats).default('mermaid'))
    .option('--expand', 'one box a node')
    .option('--no-expand', 'one box a rule and phase')
    .option('--json', 'the same as --format json')
    .action(async (targets: string[]) => {
      const {graph: run} = await import('./graph.ts');
      const {format, expand} = graph.opts<{format: GraphFormat; expand?: boolean}>();
      const expanded = isSet(graph, 'expand') ? expand : undefined;
      finish(
        await run({...placeFlags(graph, program), format: isSet(graph, 'json') ? 'json' : format, expand: expanded, targets}, terminal),
      );
    });
}

function addDoctor(program: Command, terminal: Terminal, finish: Finish): void {
  const doctor = place(program.command('doctor'))
    .description('say whether this machine can build, and what its sensors tell')
    .option('--json', 'print JSON')
    .action(async () => {
      const {doctor: run} = await import('./doctor.ts');
      const {file, directory, profile} = placeFlags(doctor, program);
      finish(await run({file, directory, profile, json: isSet(doctor, 'json')}, terminal));
    });
}

function addWatch(program: Command, terminal: Terminal, finish: Finish): void {
  const watch = common(program.command('watch'))
    .description('make scripts, borrowed parameters and the report whenever a file changes; list what else became stale')
    .argument('[targets...]', 'only these and what they need')
    .option('--all', 'make what is expensive, too')
    .option('-j, --jobs <n>', 'run at most so many nodes at once', positiveInteger)
    .option('--ask-over <duration>', 'with --all: ask before a node that is estimated to take longer', duration, dayMs)
    .option('-y, --yes', 'answer every question with yes')
    .option('--cold', 'start every Python step as a fresh process')
    .option('--poll [duration]', 'look again and again, for drives that report no changes', duration)
    .option('-s, --silent', 'print failures and problems only')
    .option('-v, --verbose', 'print reasons')
    .addHelpText('after', watchExamples)
    .action(async (targets: string[]) => {
      const {watch: run} = await import('./watch.ts');
      const {jobs, askOver, poll} = watch.opts<{jobs?: number; askOver: number; poll?: number | true}>();
      const level = isSet(watch, 'silent') ? 'silent' : isSet(watch, 'verbose') ? 'verbose' : 'normal';
      const flags = {all: isSet(watch, 'all'), yes: isSet(watch, 'yes'), cold: isSet(watch, 'cold'), level, jobs} as const;
      const pollMs = poll === true ? 1000 : poll;
      finish(
        await run(
          {...placeFlags(watch, program), ...flags, askOverMs: askOver, pollMs, targets: targets.length > 0 ? targets : ['all']},
          terminal,
        ),
      );
    });
}

function addDiff(program: Command, terminal: Terminal, finish: Finish): void {
  const diff = place(program.command('diff'))
    .description('say what another version of the study changes, and what that costs')
    .argument('<before>', 'a file, a git revision, or REVISION:PATH')
    .argument('[after]', 'the same; the study as it lies there where it is left out')
    .addOption(new Option('--format <format>', 'what to print').choices(diffFormats).default('text'))
    .option('--json', 'the same as --format json')
    .option('--exit-code', 'exit status 1 where something differs')
    .addHelpText('after', diffExamples)
    .action(async (before: string, after: string | undefined) => {
      const {diff: run} = await import('./diff.ts');
      const {format} = diff.opts<{format: DiffFormat}>();
      const {file, directory, profile} = placeFlags(diff, program);
      const chosen = isSet(diff, 'json') ? 'json' : format;
      finish(await run({file, directory, profile, before, after, format: chosen, exitCode: isSet(diff, 'exitCode')}, terminal));
    });
}

const diffExamples = `
Examples:
  ftsbuild diff HEAD                        what is not committed yet
  ftsbuild diff main experiments.yaml       this branch against main
  ftsbuild diff old.yaml new.yaml           two files
  ftsbuild diff origin/main --format markdown
`;

const watchExamples = `
Examples:
  ftsbuild watch                            the whole study
  ftsbuild watch scripts                    only the scripts
  ftsbuild watch --profile smoke --all      build the smoke profile at each change
`;

// The verbs that say what results are worth, and which are kept.
function addKeepers(program: Command, terminal: Terminal, finish: Finish): void {
  const adopt = common(program.command('adopt'))
    .description("take the results that lie there as those of today's key")
    .argument('<targets...>')
    .requiredOption('--reason <text>', 'why; it is recorded, and shown in status and report', nonBlank)
    .action(async (targets: string[]) => {
      const {adopt: run} = await import('./adopt.ts');
      finish(await run({...placeFlags(adopt, program), reason: adopt.opts<{reason: string}>().reason, targets}, terminal));
    });
  const invalidate = common(program.command('invalidate'))
    .description('declare results wrong, and all that was built on them')
    .argument('<targets...>')
    .requiredOption('--reason <text>', 'why; it is recorded, and shown in status and report', nonBlank)
    .action(async (targets: string[]) => {
      const {invalidate: run} = await import('./invalidate.ts');
      finish(await run({...placeFlags(invalidate, program), reason: invalidate.opts<{reason: string}>().reason, targets}, terminal));
    });
}

function addCollector(program: Command, terminal: Terminal, finish: Finish): void {
  const gc = place(program.command('gc'))
    .description('show what of the cache would be removed, and remove it when you agree')
    .option('--max-size <size>', 'remove the longest unused until it is no larger (10GB)', size)
    .option('--older-than <duration>', 'remove what was not used for so long (30d)', duration)
    .option('-n, --dry-run', 'show only')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON; asks nobody')
    .action(async () => {
      const {gc: run} = await import('./gc.ts');
      const own = gc.opts<{maxSize?: number; olderThan?: number}>();
      const {file, directory, profile} = placeFlags(gc, program);
      const limits = {maxBytes: own.maxSize, olderThanMs: own.olderThan};
      const flags = {dryRun: isSet(gc, 'dryRun'), yes: isSet(gc, 'yes'), json: isSet(gc, 'json')};
      finish(await run({file, directory, profile, ...limits, ...flags}, terminal));
    });
}

function addAsks(program: Command, terminal: Terminal, finish: Finish): void {
  const asks = [
    ['pause', 'let the build that runs here stand still: its jobs pause between two batches, nothing new starts'],
    ['resume', 'let a paused build go on'],
    ['stop', 'end the build that runs here, as Ctrl-C does: its jobs save what they have'],
  ] as const;
  for (const [ask, description] of asks) {
    const verb = place(program.command(ask))
      .description(description)
      .action(async () => {
        const {askBuilder} = await import('./ask-builder.ts');
        const {file, directory, profile} = placeFlags(verb, program);
        finish(await askBuilder(ask, {file, directory, profile}, terminal));
      });
  }
}

// The verbs that help while a study is being written.
function addAuthors(program: Command, terminal: Terminal, finish: Finish): void {
  const init = program
    .command('init')
    .description('write a first study into this folder: experiments.yaml, templates, .gitignore, a workflow')
    .option('-C, --directory <folder>', 'write it there')
    .option('--project <name>', 'name of the project, for the report', nonBlank)
    .option('--data <name or file>', 'sp500, nasdaq, or your own CSV or Parquet file')
    .option('--budgets <counts>', 'model sizes in parameters, with commas: 6K,18K,54K')
    .option('-y, --yes', 'ask nothing')
    .action(async () => {
      const {init: run} = await import('./init.ts');
      const own = init.opts<{project?: string; data?: string; budgets?: string}>();
      const {directory} = placeFlags(init, program, ['yes']);
      finish(await run({...own, directory, yes: isSet(init, 'yes') || isSet(program, 'yes')}, terminal));
    });
  const schema = program
    .command('schema')
    .description('print the JSON Schema of the study, with its own names, for an editor')
    .option('-f, --file <file>', 'the study, instead of experiments.yaml')
    .option('-C, --directory <folder>', 'work there')
    .option('-o, --output <file>', 'write it there')
    .action(async () => {
      const {schema: run} = await import('./schema.ts');
      const {file, directory} = placeFlags(schema, program);
      finish(run({file, directory, ...schema.opts<{output?: string}>()}, terminal));
    });
  program
    .command('completion')
    .description('print what a shell needs to complete commands and targets')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .action(async (shell: Shell) => {
      const {completionScript} = await import('../ui/completion-scripts.ts');
      terminal.print(completionScript(shell).trimEnd());
      finish(exitCode.done);
    });
  program
    .command(hiddenVerb, {hidden: true})
    .description('print what may stand at the place of the last word')
    .argument('[words...]')
    .action(async (words: string[]) => {
      const {complete} = await import('./complete.ts');
      finish(complete(program, words, terminal));
    });
}

/** What the shells' completions call. */
const hiddenVerb = '__complete';

function size(text: string): number {
  const bytes = text.trim() === '0' ? 0 : parseSize(text);
  if (bytes === undefined) throw new InvalidArgumentError('It takes a size such as 10GB or 500MB.');
  return bytes;
}

function nonBlank(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It takes a reason.');
  return text.trim();
}

type PlaceFlags = Pick<BuildOptions, 'file' | 'directory' | 'profile' | 'only' | 'except'>;

// Options may stand before the verb too: what is given there counts, and what only a build has is refused.
function placeFlags(verb: Command, program: Command, also: readonly string[] = []): PlaceFlags {
  const isKnown = (name: string): boolean => placeNames.has(name) || also.includes(name);
  const given = program.options.find((option) => isSet(program, option.attributeName()) && !isKnown(option.attributeName()));
  if (given !== undefined) verb.error(`error: option '${given.flags}' is one of a build, not of ${verb.name()}`);
  const [own, before] = [verb.opts<Partial<PlaceFlags>>(), program.opts<Partial<PlaceFlags>>()];
  return {
    file: own.file ?? before.file,
    directory: own.directory ?? before.directory,
    profile: own.profile ?? before.profile,
    only: [...(before.only ?? []), ...(own.only ?? [])],
    except: [...(before.except ?? []), ...(own.except ?? [])],
  };
}

const placeNames: ReadonlySet<string> = new Set(['file', 'directory', 'profile', 'only', 'except']);

function isSet(command: Command, name: string): boolean {
  return command.getOptionValueSource(name) === 'cli';
}

function buildFlags(program: Command): Omit<BuildOptions, 'targets'> {
  const {jobs, wait, maxHours, askOver, events, trace, file, directory, profile, only, except} = program.opts<
    Partial<PlaceFlags> & {jobs?: number; wait?: number; maxHours?: number; askOver: number; events?: string; trace?: string}
  >();
  return {
    file,
    directory,
    profile,
    only: only ?? [],
    except: except ?? [],
    json: isSet(program, 'json'),
    yes: isSet(program, 'yes'),
    maxHours,
    events,
    trace,
    askOverMs: askOver,
    dryRun: isSet(program, 'dryRun'),
    question: isSet(program, 'question'),
    alwaysMake: isSet(program, 'alwaysMake'),
    failFast: isSet(program, 'failFast'),
    cold: isSet(program, 'cold'),
    jobs,
    level: isSet(program, 'silent') ? 'silent' : isSet(program, 'verbose') ? 'verbose' : 'normal',
    waitMs: wait ?? 0,
  };
}

function place(command: Command): Command {
  return command
    .option('-f, --file <file>', 'the study, instead of experiments.yaml')
    .option('-C, --directory <folder>', 'work there')
    .option('--profile <name>', 'use a profile of the file: outputs of its own');
}

function common(command: Command): Command {
  return place(command)
    .option('--only <dim=value,...>', 'keep only what has one of these values', collect)
    .option('--except <dim=value,...>', 'leave out what has one of these values', collect);
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function positiveInteger(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It takes a whole number from 1.');
  return Number(text);
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('It takes a number above 0.');
  return value;
}

const dayMs = 24 * 3_600_000;

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('It takes a duration such as 30m or 2h.');
  return ms;
}

function isCommanderError(error: unknown): error is {exitCode: number} {
  return error instanceof Error && 'exitCode' in error && 'code' in error && String(error.code).startsWith('commander.');
}
