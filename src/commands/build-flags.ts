// The options of a build, which is asked for by targets alone or by `data`, and what they mean together. Wiring only.
import {Option, type Command} from 'commander';
import type {BuildOptions} from './build.ts';
import {common, dayMs, duration, isSet, positiveInteger, positiveNumber, type PlaceFlags} from './flags.ts';
import type {Terminal} from './terminal.ts';

export function addBuildOptions(command: Command): Command {
  return common(command)
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
    .option('--wait [duration]', 'wait for another build in this workspace (30m, 2h; without a duration for a day)', duration);
}

/** `commands`: those that options may have been given to, the program first. */
export async function buildTargets(
  targets: readonly string[],
  commands: readonly [Command, ...Command[]],
  terminal: Terminal,
): Promise<number> {
  const [program] = commands;
  if (isGiven(commands, 'json') && !isGiven(commands, 'dryRun')) program.error("error: option '--json' of a build goes with --dry-run");
  if (isGiven(commands, 'touch')) {
    const {adopt} = await import('./adopt.ts');
    return adopt({...buildFlags(commands), targets, reason: 'touched'}, terminal);
  }
  const {build} = await import('./build.ts');
  return build({...buildFlags(commands), targets}, terminal);
}

function isGiven(commands: readonly Command[], name: string): boolean {
  return commands.some((command) => isSet(command, name));
}

interface Given extends Partial<PlaceFlags> {
  readonly jobs?: number;
  readonly wait?: number;
  readonly maxHours?: number;
  readonly askOver?: number;
  readonly events?: string;
  readonly trace?: string;
}

function buildFlags(commands: readonly [Command, ...Command[]]): Omit<BuildOptions, 'targets'> {
  const each = commands.map((command) => givenTo(command));
  const {jobs, wait, maxHours, askOver, events, trace, file, directory, profile} = Object.assign({}, ...each) as Given;
  const has = (name: string): boolean => isGiven(commands, name);
  return {
    ...{file, directory, profile, jobs, maxHours, events, trace},
    only: each.flatMap(({only}) => only ?? []),
    except: each.flatMap(({except}) => except ?? []),
    json: has('json'),
    yes: has('yes'),
    askOverMs: askOver ?? dayMs,
    dryRun: has('dryRun'),
    question: has('question'),
    alwaysMake: has('alwaysMake'),
    failFast: has('failFast'),
    cold: has('cold'),
    level: has('silent') ? 'silent' : has('verbose') ? 'verbose' : 'normal',
    waitMs: wait ?? 0,
  };
}

function givenTo(command: Command): Given {
  const all = command.opts<Given>();
  return Object.fromEntries(Object.entries(all).filter(([name]) => isSet(command, name)));
}
