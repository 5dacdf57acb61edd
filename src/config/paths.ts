// Where a study writes. Every profile, and every study in configs/, has a place of its own below outputs/. Knows nothing of disks.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import {findProjectPath, projectPath} from '../base/ids.ts';
import type {ProjectPath} from '../base/ids.ts';
import {findScalar} from './located.ts';
import type {LocatedMap, LocatedScalar} from './located.ts';
import {findNameProblem} from './names.ts';
import type {StudyPaths} from './study.ts';

const usual = {
  scripts: 'experiments',
  outputs: 'outputs',
  log: 'docs/experiment_results.csv',
  report: 'docs/experiment_results.md',
  docs: 'docs',
  manifest: 'data/manifest.json',
} as const;

/** Beside the report. */
export const figureFolder = 'figures';

export function figuresOf(report: string): string {
  return report.slice(0, report.lastIndexOf('/') + 1) + figureFolder;
}

export interface Home {
  /** The folder below which everything of this study lies; undefined for the workspace itself. */
  readonly folder: string | undefined;
}

/** `configs/quickstart.yaml` lives in `outputs/quickstart`, a profile in `outputs/{profile}`, both in `outputs/{study}-{profile}`. */
export function findHome(file: string, profile: string | undefined, problems: Diagnostic[]): Home {
  const study = /^configs\/(?:.*\/)?([^/]*?)(?:\.ya?ml)?$/.exec(file)?.[1];
  const wrong = study === undefined ? undefined : findNameProblem(study);
  if (wrong !== undefined)
    problems.push(problem('FTS201', `${JSON.stringify(study)} cannot be the name of a study: ${wrong}`, {help: `Rename ${file}.`}));
  // A profile of an impossible name does not exist, which is reported where profiles are looked up.
  const names = [study, profile].filter((name) => name !== undefined && findNameProblem(name) === undefined);
  return {folder: names.length === 0 ? undefined : `outputs/${names.join('-')}`};
}

export function readPaths(node: LocatedMap | undefined, home: Home, problems: Diagnostic[]): StudyPaths {
  const path = (name: keyof typeof usual): ProjectPath => {
    const written = findScalar(node, name);
    return placeBelow(home, written === undefined ? usual[name] : (findPath(written, problems) ?? usual[name]));
  };
  return {
    scripts: path('scripts'),
    // Below a home of their own the outputs need no second folder of that name.
    outputs: home.folder === undefined ? path('outputs') : projectPath(home.folder),
    log: path('log'),
    report: path('report'),
    docs: path('docs'),
    manifest: path('manifest'),
  };
}

/** Where the file names them; the usual ones have no place. */
export function findPathSpans(node: LocatedMap | undefined): Readonly<Partial<Record<keyof StudyPaths, Span>>> {
  const names = Object.keys(usual) as readonly (keyof typeof usual)[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const span = findScalar(node, name)?.span;
      return span === undefined ? [] : [[name, span]];
    }),
  );
}

export function placeBelow(home: Home, path: string): ProjectPath {
  return projectPath(home.folder === undefined ? path : `${home.folder}/${path}`);
}

export function findPath(written: LocatedScalar, problems: Diagnostic[]): ProjectPath | undefined {
  const path = findProjectPath(written.text);
  if (path === undefined) {
    const help = 'Write a path relative to the workspace, with forward slashes and without "..".';
    problems.push(problem('FTS206', `${JSON.stringify(written.text)} is no path inside the workspace`, {span: written.span, help}));
  }
  return path;
}
