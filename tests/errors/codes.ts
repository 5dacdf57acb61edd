// The codes of problems: those that the sources use, and those that docs/errors.md explains.
import {readdirSync, readFileSync} from 'node:fs';
import {repositoryRoot} from '../support/python-interpreter.ts';

export function codesInSources(): readonly string[] {
  const files = readdirSync(`${repositoryRoot}/src`, {recursive: true})
    .map(String)
    .filter((name) => name.endsWith('.ts'));
  const codes = files.flatMap((name) => readFileSync(`${repositoryRoot}/src/${name}`, 'utf8').match(/(?<=')FTS\d{3}(?=')/g) ?? []);
  return [...new Set(codes)].toSorted();
}

/** In the order of the file: it is the order of the numbers. */
export function cataloguedCodes(): readonly string[] {
  const text = readFileSync(`${repositoryRoot}/docs/errors.md`, 'utf8');
  return [...text.matchAll(/^\| (FTS\d{3}) \|/gm)].map((match) => match[1] ?? '');
}
