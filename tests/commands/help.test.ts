// The help of every command, and what is suggested for a word that is none.
import type {Command} from 'commander';
import {expect, test} from 'vitest';
import {makeProgram} from '../../src/commands/main.ts';
import {lateVerbs, reservedNames} from '../../src/config/names.ts';
import {verbNames} from '../../src/graph/select.ts';
import {quietTerminal} from '../support/terminal.ts';

const visible = (program: Command): readonly Command[] => program.createHelp().visibleCommands(program);

function freshProgram(): Command {
  return makeProgram(quietTerminal().terminal, () => undefined);
}

/** All of the help, with what is added after it. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({writeOut: (piece) => void (text += piece)}).outputHelp();
  return text;
}

const names = [undefined, ...visible(freshProgram()).map((command) => command.name())];

function find(program: Command, name: string | undefined): Command {
  const found = name === undefined ? program : program.commands.find((command) => command.name() === name);
  if (found === undefined) throw new Error(`there is no command ${String(name)}`);
  return found;
}

test.each(names)('the help of %s has examples, each of which is right usage', async (name) => {
  const examples = helpOf(find(freshProgram(), name)).split('Examples:\n')[1]?.trimEnd().split('\n') ?? [];
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) {
    const line = example.trim().split(/ {3,}/)[0] ?? '';
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    expect(words.shift()).toBe('ftsbuild');
    const program = freshProgram();
    let ran: Command | undefined;
    for (const command of [program, ...program.commands]) {
      command.exitOverride().configureOutput({writeErr: (text) => expect.fail(`${line}: ${text}`)});
      command.action(() => void (ran = command));
    }
    await program.parseAsync(words, {from: 'user'});
    expect(ran).toBe(find(program, name));
  }
});

test('every verb is suggested for a word like it, and cannot name a phase', () => {
  const verbs = visible(freshProgram()).map((command) => command.name());
  expect([...verbNames].sort()).toEqual(verbs.toSorted());
  expect(freshProgram().commands.filter((command) => !reservedNames.has(command.name()) && !lateVerbs.has(command.name()))).toEqual([]);
});

test('durations that are built in are shown as one writes them', () => {
  for (const name of [undefined, 'watch']) expect(helpOf(find(freshProgram(), name))).toContain('(default: 24h)');
});
