// What was asked: the words of the command line, where, and of which program. Under this an up-to-date answer is remembered.
import type {Question} from '../state/snapshot.ts';
import {workspaceDisk} from '../host/real-disk.ts';
import {forgivingDisk} from '../state/forgiving-disk.ts';
import {findAnswer} from '../state/snapshot.ts';
import {findRoot} from './workspace.ts';

export function currentQuestion(): Question {
  return {words: process.argv.slice(2), directory: process.cwd(), program: process.argv[1] ?? ''};
}

/** The remembered answer to today's question, while nothing that it rests on has changed. */
export function findCurrentAnswer(): string | undefined {
  const question = currentQuestion();
  // With -C the workspace is elsewhere: such a question is judged in full.
  if (question.words.some((word) => word.startsWith('-C') || word.startsWith('--dir'))) return undefined;
  return findAnswer(forgivingDisk(workspaceDisk(findRoot(question.directory))), question);
}
