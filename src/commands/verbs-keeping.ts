// The verbs that say what results are worth and which are kept, and those that ask something of a running build. Wiring only.
import {Option, type Command} from 'commander';
import {common, duration, isSet, nonBlank, place, placeFlags, size, type Finish} from './flags.ts';
import type {Terminal} from './terminal.ts';

export function addKeepingVerbs(program: Command, terminal: Terminal, finish: Finish): void {
  addKeepers(program, terminal, finish);
  addCollector(program, terminal, finish);
  addCleaner(program, terminal, finish);
  addMender(program, terminal, finish);
  addAsks(program, terminal, finish);
}

// The verbs that say what results are worth, and which are kept.
function addKeepers(program: Command, terminal: Terminal, finish: Finish): void {
  const adopt = common(program.command('adopt'))
    .description("take the results that lie there as those of today's key")
    .argument('<targets...>')
    .requiredOption('--reason <text>', 'why; it is recorded, and shown in status and report', nonBlank('a reason'))
    .action(async (targets: string[]) => {
      const {adopt: run} = await import('./adopt.ts');
      finish(await run({...placeFlags(adopt, program), reason: adopt.opts<{reason: string}>().reason, targets}, terminal));
    });
  const invalidate = common(program.command('invalidate'))
    .description('declare results wrong, and all that was built on them')
    .argument('<targets...>')
    .requiredOption('--reason <text>', 'why; it is recorded, and shown in status and report', nonBlank('a reason'))
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
    .addOption(
      new Option('--orphans', 'instead: move results and scripts of experiments that the study no longer has into the cache').conflicts([
        'maxSize',
        'olderThan',
      ]),
    )
    .option('-n, --dry-run', 'show only')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON; asks nobody')
    .action(async () => {
      const {gc: run} = await import('./gc.ts');
      const own = gc.opts<{maxSize?: number; olderThan?: number}>();
      const {file, directory, profile} = placeFlags(gc, program);
      const limits = {maxBytes: own.maxSize, olderThanMs: own.olderThan};
      const flags = {dryRun: isSet(gc, 'dryRun'), yes: isSet(gc, 'yes'), json: isSet(gc, 'json')};
      if (isSet(gc, 'orphans')) {
        const {collect} = await import('./orphans.ts');
        finish(await collect({file, directory, profile, ...flags}, terminal));
      } else finish(await run({file, directory, profile, ...limits, ...flags}, terminal));
    });
}

function addCleaner(program: Command, terminal: Terminal, finish: Finish): void {
  const clean = common(program.command('clean'))
    .description('move the results of targets into the cache, from where the next build puts them back')
    .argument('[targets...]', 'only these; all results where it is left out')
    .option('-n, --dry-run', 'show only')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print JSON; asks nobody')
    .action(async (targets: string[]) => {
      const {clean: run} = await import('./clean.ts');
      const flags = {dryRun: isSet(clean, 'dryRun') || isSet(program, 'dryRun'), yes: isSet(clean, 'yes'), json: isSet(clean, 'json')};
      finish(await run({...placeFlags(clean, program, ['dryRun']), ...flags, targets: targets.length > 0 ? targets : ['all']}, terminal));
    });
}

function addMender(program: Command, terminal: Terminal, finish: Finish): void {
  const fsck = place(program.command('fsck'))
    .description('read every recorded file anew, mend what is damaged, and remove what killed writers left')
    .option('-n, --dry-run', 'look only')
    .option('--json', 'print JSON')
    .action(async () => {
      const {fsck: run} = await import('./fsck.ts');
      const {file, directory, profile} = placeFlags(fsck, program, ['dryRun']);
      const dryRun = isSet(fsck, 'dryRun') || isSet(program, 'dryRun');
      finish(await run({file, directory, profile, dryRun, json: isSet(fsck, 'json')}, terminal));
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
  const unlock = place(program.command('unlock'))
    .description('give up the hold of a build on a machine that is gone')
    .argument('<host>', 'the name of that machine, as the refusal tells it')
    .action(async (host: string) => {
      const {unlock: run} = await import('./unlock.ts');
      const {file, directory, profile} = placeFlags(unlock, program);
      finish(run({file, directory, profile, host}, terminal));
    });
}
