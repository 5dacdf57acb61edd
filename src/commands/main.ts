// The command line: words to options, one verb a file. Wiring only.
import {Command, Option} from 'commander';
import {DiskError} from '../host/disk.ts';
import {parseDuration} from '../base/units.ts';
import {examplesOf} from '../ui/examples.ts';
import type {BuildOptions} from './build.ts';
import {exitCode} from './exit-codes.ts';
import {common, dayMs, duration, isPlace, isSet, positiveInteger, positiveNumber, type Finish, type PlaceFlags} from './flags.ts';
import {systemTerminal, type Terminal} from './terminal.ts';
import {addAuthoringVerbs, hiddenVerb} from './verbs-authoring.ts';
import {addKeepingVerbs} from './verbs-keeping.ts';
import {addReadingVerbs} from './verbs-reading.ts';
import {addHelp} from './verb-help.ts';
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
        const build = program.options.find((option) => isSet(program, option.attributeName()) && !isPlace(option.attributeName()));
        if (build !== undefined)
          program.error(`error: option '${build.flags}' goes with a target: ftsbuild all ${build.short ?? build.long ?? ''}`);
        const {here} = await import('./here.ts');
        const {file, directory, profile} = buildFlags(program);
        finish(await here({file, directory, profile}, terminal));
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
  addReadingVerbs(program, terminal, finish);
  addAuthoringVerbs(program, terminal, finish);
  addKeepingVerbs(program, terminal, finish);
  addHelp(program, finish);
  for (const command of [program, ...program.commands]) command.addHelpText('after', () => examplesOf(command.name()));
  return program;
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

function isCommanderError(error: unknown): error is {exitCode: number} {
  return error instanceof Error && 'exitCode' in error && 'code' in error && String(error.code).startsWith('commander.');
}
