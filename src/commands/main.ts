// The command line: words to options, one verb a file. Wiring only.
import {Command, InvalidArgumentError, Option} from 'commander';
import {DiskError} from '../host/disk.ts';
import {parseDuration} from '../base/units.ts';
import {exitCode} from './exit-codes.ts';
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
    await program.parseAsync(words, {from: 'user'});
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

type Finish = (code: number) => void;

function makeProgram(terminal: Terminal, finish: Finish): Command {
  const program = new Command('ftsbuild')
    .description('Builds what experiments.yaml describes: data, searches, trainings, report. Runs only what is stale.')
    .version(manifest.version, '-V, --version', 'print the version')
    .exitOverride()
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', examples);
  common(program)
    .argument('[targets...]', 'paths, directories, globs, experiments, phases, or all, environment, data, scripts, hpo, training, report')
    .option('-n, --dry-run', 'say what would run, why, and for how long; write nothing', false)
    .option('-j, --jobs <n>', 'run at most so many nodes at once', positiveInteger)
    .addOption(new Option('-k, --keep-going', 'go on with what a failure does not touch (the default)').conflicts('failFast'))
    .option('--fail-fast', 'start nothing new after the first failure', false)
    .option('-B, --always-make', 'run the targets although they are fresh', false)
    .option('-q, --question', 'run nothing; exit status 1 when something is stale', false)
    .option('-s, --silent', 'print failures only', false)
    .option('-v, --verbose', 'print reasons, epochs and what is blocked', false)
    .option('--cold', 'start every Python step as a fresh process', false)
    .option('--wait [duration]', 'wait for another build in this workspace (30m, 2h; without a duration for a day)', waitDuration)
    .action(async (targets: string[], options: BuildFlags) => {
      if (targets.length === 0) {
        program.outputHelp({error: true});
        finish(exitCode.usage);
        return;
      }
      const {build} = await import('./build.ts');
      finish(await build({...options, targets, jobs: options.jobs, level: levelOf(options), waitMs: options.wait ?? 0}, terminal));
    });
  addReaders(program, terminal, finish);
  return program;
}

function addReaders(program: Command, terminal: Terminal, finish: Finish): void {
  common(program.command('why'))
    .description('say what changed since a target was made, or why it is fresh')
    .argument('<targets...>')
    .option('--params', 'show each parameter and where its value comes from', false)
    .option('--json', 'print JSON', false)
    .action(async (targets: string[], options: {params: boolean; json: boolean}) => {
      const {why} = await import('./why.ts');
      finish(why({...options, targets}, terminal));
    });
  common(program.command('status'))
    .description('show how the study stands, by phase and budget')
    .argument('[targets...]')
    .option('--json', 'print JSON', false)
    .action(async (targets: string[], options: ReaderFlags) => {
      const {status} = await import('./status.ts');
      finish(status({...options, targets}, terminal));
    });
  common(program.command('list'))
    .description('list targets, or the commands to run them by hand')
    .argument('[targets...]')
    .option('--scripts', 'print the command of each script', false)
    .option('--json', 'print JSON', false)
    .action(async (targets: string[], options: ReaderFlags & {scripts: boolean}) => {
      const {list} = await import('./list.ts');
      finish(list({...options, targets}, terminal));
    });
}

interface ReaderFlags {
  readonly only: string[];
  readonly except: string[];
  readonly json: boolean;
}

interface BuildFlags {
  readonly only: string[];
  readonly except: string[];
  readonly dryRun: boolean;
  readonly question: boolean;
  readonly alwaysMake: boolean;
  readonly failFast: boolean;
  readonly silent: boolean;
  readonly verbose: boolean;
  readonly cold: boolean;
  readonly jobs?: number;
  readonly wait?: number;
}

function common(command: Command): Command {
  return command
    .option('-f, --file <file>', 'the study, instead of experiments.yaml')
    .option('-C, --directory <folder>', 'work there')
    .option('--profile <name>', 'use a profile of the file: outputs of its own')
    .option('--only <dim=value,...>', 'keep only what has one of these values', collect, [])
    .option('--except <dim=value,...>', 'leave out what has one of these values', collect, []);
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function positiveInteger(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It takes a whole number from 1.');
  return Number(text);
}

const dayMs = 24 * 3_600_000;

function waitDuration(text: string | true): number {
  if (text === true) return dayMs;
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('It takes a duration such as 30m or 2h.');
  return ms;
}

function levelOf(options: BuildFlags): 'silent' | 'normal' | 'verbose' {
  if (options.silent) return 'silent';
  return options.verbose ? 'verbose' : 'normal';
}

function isCommanderError(error: unknown): error is {exitCode: number} {
  return error instanceof Error && 'exitCode' in error && 'code' in error && String(error.code).startsWith('commander.');
}

const examples = `
Examples:
  ftsbuild all --dry-run                    what would run, and why
  ftsbuild outputs/hpo/phase6a_2M_h1        the studies of that prefix, and what they need
  ftsbuild all --only budget=2M,20M         a part of the matrix
  ftsbuild -f configs/quickstart.yaml all   another study
`;
