// The command line: words to options, one verb a file. Wiring only.
import {Command} from 'commander';
import {DiskError} from '../host/disk.ts';
import {parseDuration} from '../base/units.ts';
import {examplesOf} from '../ui/examples.ts';
import {addBuildOptions, buildTargets} from './build-flags.ts';
import {exitCode} from './exit-codes.ts';
import {isPlace, isSet, type Finish, type PlaceFlags} from './flags.ts';
import {systemTerminal, type Terminal} from './terminal.ts';
import {addAuthoringVerbs, hiddenVerb} from './verbs-authoring.ts';
import {addDataVerbs} from './verbs-data.ts';
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
  addBuildOptions(program).action(async (targets: string[]) => {
    finish(await (targets.length === 0 ? standHere(program, terminal) : buildTargets(targets, [program], terminal)));
  });
  addReadingVerbs(program, terminal, finish);
  addAuthoringVerbs(program, terminal, finish);
  addKeepingVerbs(program, terminal, finish);
  addDataVerbs(program, terminal, finish);
  addHelp(program, finish);
  for (const command of [program, ...program.commands]) command.addHelpText('after', () => examplesOf(command.name()));
  return program;
}

/** Without a target nothing is built; an option of a build then stands alone. */
async function standHere(program: Command, terminal: Terminal): Promise<number> {
  const alone = program.options.find((option) => isSet(program, option.attributeName()) && !isPlace(option.attributeName()));
  if (alone !== undefined)
    program.error(`error: option '${alone.flags}' goes with a target: ftsbuild all ${alone.short ?? alone.long ?? ''}`);
  const {here} = await import('./here.ts');
  const {file, directory, profile} = program.opts<Partial<PlaceFlags>>();
  return here({file, directory, profile}, terminal);
}

function isCommanderError(error: unknown): error is {exitCode: number} {
  return error instanceof Error && 'exitCode' in error && 'code' in error && String(error.code).startsWith('commander.');
}
