// The verbs that help while a study is being written: init, schema, completion, watch. Wiring only.
import {Argument, Option, type Command} from 'commander';
import {shells, type Shell} from '../ui/completion-scripts.ts';
import {exitCode} from './exit-codes.ts';
import {common, dayMs, duration, isSet, nonBlank, placeFlags, positiveInteger, type Finish} from './flags.ts';
import type {Terminal} from './terminal.ts';

/** What the shells' completions call. */
export const hiddenVerb = '__complete';

export function addAuthoringVerbs(program: Command, terminal: Terminal, finish: Finish): void {
  addAuthors(program, terminal, finish);
  addWatch(program, terminal, finish);
}

// The verbs that help while a study is being written.
function addAuthors(program: Command, terminal: Terminal, finish: Finish): void {
  const init = program
    .command('init')
    .description('write a first study into this folder: experiments.yaml, templates, .gitignore, a workflow')
    .option('-C, --directory <folder>', 'write it there')
    .option('--project <name>', 'name of the project, for the report', nonBlank('a name'))
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

function addWatch(program: Command, terminal: Terminal, finish: Finish): void {
  const watch = common(program.command('watch'))
    .description('make scripts, borrowed parameters and the report whenever a file changes; list what else became stale')
    .argument('[targets...]', 'only these and what they need')
    .option('--all', 'make what is expensive, too')
    .option('-j, --jobs <n>', 'run at most so many nodes at once', positiveInteger)
    .addOption(
      new Option('--ask-over <duration>', 'with --all: ask before a node that is estimated to take longer')
        .argParser(duration)
        .default(dayMs, '24h'),
    )
    .option('-y, --yes', 'answer every question with yes')
    .option('--cold', 'start every Python step as a fresh process')
    .option('--poll [duration]', 'look again and again, for drives that report no changes', duration)
    .option('-s, --silent', 'print failures and problems only')
    .option('-v, --verbose', 'print reasons')
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
