// Every code is in the catalogue, is used, and is shown for a real file or a real situation: once, at its place, with what to do.
import {describe, expect, test} from 'vitest';
import {check} from '../../src/commands/check.ts';
import type {Terminal} from '../../src/commands/terminal.ts';
import {plainPaint} from '../../src/ui/paint.ts';
import {Workspace} from '../support/command-line.ts';
import {mistakes, type Mistake} from './mistakes.ts';
import {situations} from './situations.ts';
import {cataloguedCodes, codesInSources} from './codes.ts';

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly help: string | null;
  readonly place: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly offset: number;
    readonly length: number;
  } | null;
  readonly see: readonly {readonly place: {readonly file: string; readonly line: number; readonly column: number}}[];
}

async function problemsOf(workspace: Workspace): Promise<readonly Problem[]> {
  const said: string[] = [];
  const terminal: Terminal = {
    paint: plainPaint,
    print: (text) => void said.push(text),
    printError: () => undefined,
    printProblems: () => undefined,
    confirm: () => Promise.resolve(false),
    ask: () => Promise.resolve(undefined),
    hasPerson: false,
  };
  await check({directory: workspace.root, format: 'json', data: true, staleOk: true}, terminal);
  return (JSON.parse(said.join('')) as {problems: readonly Problem[]}).problems;
}

const markers = /[«»]/g;

function markedPlace({text, files = {}}: Mistake): Problem['place'] {
  for (const [file, marked] of Object.entries({'experiments.yaml': text, ...files})) {
    const offset = marked.indexOf('«');
    if (offset < 0) continue;
    const before = marked.slice(0, offset).split('\n');
    return {file, offset, length: marked.indexOf('»') - offset - 1, line: before.length, column: (before.at(-1) ?? '').length + 1};
  }
  return null;
}

describe('one mistake is one problem, at its place', () => {
  test.each(mistakes)('$code: $what', async (mistake) => {
    const {code, text, files = {}, see = [], help} = mistake;
    const plain = Object.entries({...files, 'experiments.yaml': text}).map(
      ([path, marked]) => [path, marked.replace(markers, '')] as const,
    );
    const workspace = Workspace.forTest(Object.fromEntries(plain));
    const problems = await problemsOf(workspace);
    expect(problems.map((entry) => `${entry.code} ${entry.message}`)).toEqual([expect.stringMatching(new RegExp(`^${code} `))]);
    const [found] = problems;
    if (text.includes('«') || Object.values(files).some((marked) => marked.includes('«')))
      expect(found?.place).toEqual(markedPlace(mistake));
    expect(found?.see.map(({place}) => `${place.line}:${place.column}`)).toEqual(see);
    if (help !== undefined) expect(found?.help).toMatch(help);
  });
});

describe('what no file of a study can cause is shown in its own situation', () => {
  test.each(situations)('$code: $what', async ({code, produce}) => {
    const problems = await produce();
    expect(problems.map((entry) => `${entry.code} ${entry.message}`)).toEqual([expect.stringMatching(new RegExp(`^${code} `))]);
  });
});

test('the catalogue, the sources and these tests know the same codes', () => {
  const produced = new Set([...mistakes, ...situations].map(({code}) => code));
  expect([...produced].toSorted()).toEqual(codesInSources());
  expect(cataloguedCodes()).toEqual(codesInSources());
});
