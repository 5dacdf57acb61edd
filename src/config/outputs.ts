// Checks that no two parts of a study would write one path, nor any of them over what it is made of. Knows paths as texts only.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import {foldName} from './names.ts';
import type {Dataset, PythonChoice, StudyPaths} from './study.ts';

interface Writer {
  readonly path: string;
  readonly what: string;
  readonly span: Span | undefined;
}

export interface Written {
  readonly paths: StudyPaths;
  /** Where the file names them, if it does. */
  readonly spans: Readonly<Partial<Record<keyof StudyPaths, Span>>>;
  readonly datasets: readonly Dataset[];
  readonly phases: readonly {readonly name: string; readonly span: Span}[];
  /** The files that the study is read from. */
  readonly sources: readonly string[];
  readonly python: PythonChoice;
}

/** Experiments have folders of their own by name; what remains are the named files, and the folders that experiments live in. */
export function findPathProblems({paths, spans, datasets, phases, sources, python}: Written): readonly Diagnostic[] {
  const files: readonly Writer[] = [
    ...phases.map(({name, span}) => ({path: `${paths.docs}/${name}_runbook.md`, what: `the runbook of phase "${name}"`, span})),
    {path: paths.log, what: 'the log', span: spans.log},
    {path: paths.report, what: 'the report', span: spans.report},
    {path: paths.manifest, what: 'the data manifest', span: spans.manifest},
    ...datasets.map(({path, name, span}) => ({path, what: `dataset "${name}"`, span})),
  ];
  const folders: readonly Writer[] = [
    {path: paths.scripts, what: 'the generated scripts', span: spans.scripts},
    {path: `${paths.outputs}/hpo`, what: 'the studies', span: spans.outputs},
    {path: `${paths.outputs}/training`, what: 'the trainings', span: spans.outputs},
  ];
  const givenFiles = sources.map((path) => ({path, what: 'the study itself', span: undefined}));
  const givenFolders: readonly Writer[] = [
    {path: '.ftsbuild', what: 'the records of ftsbuild', span: undefined},
    {path: 'templates', what: 'the templates', span: undefined},
    ...(python.kind === 'venv' ? [{path: python.directory, what: 'the Python environment', span: undefined}] : []),
  ];
  return [
    ...findEqual([...givenFiles, ...givenFolders, ...files, ...folders]),
    ...files.flatMap((file) => findInside(file, [...folders, ...givenFolders])),
    ...folders.flatMap((folder) => findInside(folder, givenFolders)),
  ];
}

function findEqual(writers: readonly Writer[]): readonly Diagnostic[] {
  const first = new Map<string, Writer>();
  return writers.flatMap((writer) => {
    const earlier = first.get(foldName(writer.path));
    if (earlier === undefined) first.set(foldName(writer.path), writer);
    return earlier === undefined ? [] : [clash(`${earlier.what} and ${writer.what} would both be ${writer.path}`, [writer, earlier])];
  });
}

function findInside(file: Writer, folders: readonly Writer[]): readonly Diagnostic[] {
  const folder = folders.find(({path}) => foldName(file.path).startsWith(`${foldName(path)}/`));
  return folder === undefined ? [] : [clash(`${file.what} (${file.path}) would lie among ${folder.what} (${folder.path})`, [file, folder])];
}

function clash(message: string, [later, earlier]: readonly [Writer, Writer]): Diagnostic {
  const span = later.span ?? earlier.span;
  return problem('FTS205', message, {
    ...(span && {span}),
    ...(later.span && earlier.span && {see: [{span: earlier.span, note: earlier.what}]}),
    help: 'Give each a path of its own.',
  });
}
