// A terminal that keeps what is printed, for commands called within a test. Nobody sits at it.
import type {Terminal} from '../../src/commands/terminal.ts';
import {plainPaint} from '../../src/ui/paint.ts';

export function quietTerminal(): {terminal: Terminal; said: string[]; errors: string[]} {
  const said: string[] = [];
  const errors: string[] = [];
  const terminal: Terminal = {
    paint: plainPaint,
    print: (text) => void said.push(text),
    printError: (text) => void errors.push(text),
    printProblems: (problems) => errors.push(...problems.map(({message}) => message)),
    confirm: () => Promise.resolve(false),
    ask: () => Promise.resolve(undefined),
    hasPerson: false,
  };
  return {terminal, said, errors};
}
