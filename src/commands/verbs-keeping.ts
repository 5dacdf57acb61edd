// The verbs that say what results are worth and which are kept, and those that ask something of a running build. Wiring only.
import type {Command} from 'commander';
import {common, duration, isSet, nonBlank, place, placeFlags, size, type Finish} from './flags.ts';
import type {Terminal} from './terminal.ts';

export function addKeepingVerbs(program: Command, terminal: Terminal, finish: Finish): void {
  addKeepers(program, terminal, finish);
  addCollector(program, terminal, finish);
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
