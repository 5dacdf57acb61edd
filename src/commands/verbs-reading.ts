// The verbs that look and change nothing: check, why, status, list, graph, doctor, diff. Wiring only.
import {Option, type Command} from 'commander';
import {checkFormats, type CheckFormat} from './check-formats.ts';
import {diffFormats, type DiffFormat} from './diff-formats.ts';
import {common, isSet, place, placeFlags, type Finish} from './flags.ts';
import {graphFormats, type GraphFormat} from './graph-formats.ts';
import type {Terminal} from './terminal.ts';

export function addReadingVerbs(program: Command, terminal: Terminal, finish: Finish): void {
  addChecker(program, terminal, finish);
  addReaders(program, terminal, finish);
  addDiff(program, terminal, finish);
  addDoctor(program, terminal, finish);
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
    .option('--orphans', 'instead: results and scripts of experiments that the study no longer has')
    .option('--json', 'print JSON')
    .action(async (targets: string[]) => {
      if (isSet(list, 'orphans')) {
        const {listOrphans} = await import('./orphans.ts');
        finish(listOrphans({...placeFlags(list, program), json: isSet(list, 'json')}, terminal));
        return;
      }
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

function addDiff(program: Command, terminal: Terminal, finish: Finish): void {
  const diff = place(program.command('diff'))
    .description('say what another version of the study changes, and what that costs')
    .argument('<before>', 'a file, a git revision, or REVISION:PATH')
    .argument('[after]', 'the same; the study as it lies there where it is left out')
    .addOption(new Option('--format <format>', 'what to print').choices(diffFormats).default('text'))
    .option('--json', 'the same as --format json')
    .option('--exit-code', 'exit status 1 where something differs')
    .action(async (before: string, after: string | undefined) => {
      const {diff: run} = await import('./diff.ts');
      const {format} = diff.opts<{format: DiffFormat}>();
      const {file, directory, profile} = placeFlags(diff, program);
      const chosen = isSet(diff, 'json') ? 'json' : format;
      finish(await run({file, directory, profile, before, after, format: chosen, exitCode: isSet(diff, 'exitCode')}, terminal));
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
