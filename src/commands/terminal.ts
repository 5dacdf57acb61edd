// What a command writes to: the two streams, colours, and how problems are shown. The same for every command.
import {resolve} from 'node:path';
import {visibleTurns} from '../base/visible.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {DiskError} from '../host/disk.ts';
import type {Disk} from '../host/disk.ts';
import {workspaceDisk} from '../host/real-disk.ts';
import {renderDiagnostics} from '../ui/diagnostics.ts';
import {findRoot} from './workspace.ts';
import {paintFor, type Paint} from '../ui/paint.ts';
import type {Screen} from '../ui/screen.ts';

export interface Terminal {
  readonly paint: Paint;
  print(text: string): void;
  printError(text: string): void;
  /** Diagnostics with their source lines, on the error stream. */
  printProblems(diagnostics: readonly Diagnostic[], directory: string): void;
  /** Where a live view can be drawn: a terminal that moves its cursor. */
  readonly screen?: Screen | undefined;
  /** Asks a person; no where there is no terminal to ask on. */
  confirm(question: string): Promise<boolean>;
  /** A person's answer, empty for none; undefined where there is no terminal to ask on, or they broke off. */
  ask(question: string): Promise<string | undefined>;
  /** Whether there is somebody to ask. */
  readonly hasPerson: boolean;
}

export function systemTerminal(): Terminal {
  const paint = paintFor(process.stderr);
  const hasPerson = process.stdin.isTTY && process.stderr.isTTY;
  const ask = async (question: string): Promise<string | undefined> => (hasPerson ? askPerson(question) : undefined);
  return {
    paint: paintFor(process.stdout),
    screen: process.stdout.isTTY && process.env['TERM'] !== 'dumb' ? screenOn(process.stdout) : undefined,
    print: (text) => process.stdout.write(`${visibleTurns(text)}\n`),
    printError: (text) => process.stderr.write(`${visibleTurns(text)}\n`),
    printProblems: (diagnostics, directory) => {
      const disk = workspaceDisk(findRoot(resolve(directory)));
      process.stderr.write(visibleTurns(renderDiagnostics(diagnostics, (file) => findText(disk, file), paint)));
    },
    hasPerson,
    confirm: async (question) => /^y(es)?$/i.test((await ask(`${question} [y/N] `)) ?? ''),
    ask,
  };
}

/** The file may be what is wrong: one that cannot be read has no line to show. */
function findText(disk: Disk, file: string): string | undefined {
  try {
    return disk.readText(file);
  } catch (error) {
    if (error instanceof DiskError) return undefined;
    throw error;
  }
}

function screenOn(stream: NodeJS.WriteStream): Screen {
  return {
    unicode: speaksUtf8(process.env),
    // Some terminals do not know their size, and say 0.
    columns: () => stream.columns || 80,
    rows: () => stream.rows || 24,
    write: (text) => stream.write(visibleTurns(text)),
    onResize: (listener) => {
      stream.on('resize', listener);
      return () => stream.off('resize', listener);
    },
  };
}

/** By the rules of POSIX: the first of these that is set counts. */
function speaksUtf8(environment: NodeJS.ProcessEnv): boolean {
  const locale = ['LC_ALL', 'LC_CTYPE', 'LANG'].map((name) => environment[name] ?? '').find((value) => value !== '');
  return /utf-?8/i.test(locale ?? '');
}

async function askPerson(question: string): Promise<string | undefined> {
  const {createInterface} = await import('node:readline/promises');
  const lines = createInterface({input: process.stdin, output: process.stderr});
  // The end of the input, or Ctrl-C, is no answer.
  const closed = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  const answer = await Promise.race([lines.question(question), closed]);
  lines.close();
  return answer?.trim();
}
