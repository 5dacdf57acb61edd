// `ftsbuild help [VERB]`: the help of a command, as `VERB --help` prints it.
import type {Command} from 'commander';
import {findNearestFew} from '../base/suggest.ts';
import type {Finish} from './flags.ts';
import {exitCode} from './exit-codes.ts';

export function addHelp(program: Command, finish: Finish): void {
  const help = program
    .command('help')
    .description('print the help of a command')
    .argument('[verb]')
    .action((verb: string | undefined) => {
      const visible = program.createHelp().visibleCommands(program);
      const found = verb === undefined ? program : visible.find((command) => command.name() === verb);
      if (found === undefined) {
        const near = findNearestFew(
          verb ?? '',
          visible.map((command) => command.name()),
          3,
        );
        const meant = near.length > 0 ? `did you mean ${near.join(', ')}?` : 'ftsbuild help lists all of them';
        return help.error(`error: there is no command "${verb ?? ''}"; ${meant}`);
      }
      found.outputHelp();
      finish(exitCode.done);
    });
}
