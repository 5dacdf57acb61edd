// Checks that no two parts of a study would write one path, nor any of them over what it is made of. Knows paths as texts only.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import {findForeignPlace} from '../base/places.ts';
import {foldName} from './names.ts';
import {findLengthProblem, type Room} from './path-limits.ts';
import {figuresOf} from './paths.ts';
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
  /** Folder of this program's own Python code, where it lies in the workspace. */
  readonly program?: string | undefined;
}

/** Experiments have folders of their own by name; what remains are the named files, and the folders that experiments live in. */
export function findPathProblems(written: Written): readonly Diagnostic[] {
  const {paths, spans, datasets} = written;
  const made = [...filesOf(written), ...datasets.filter(({origin}) => origin.kind === 'builder').map(writerOf)];
  const files = [...filesOf(written), ...datasets.map(writerOf)];
  const folders: readonly Writer[] = [
    {path: paths.scripts, what: 'the generated scripts', span: spans.scripts},
    {path: `${paths.outputs}/hpo`, what: 'the studies', span: spans.outputs},
    {path: `${paths.outputs}/training`, what: 'the trainings', span: spans.outputs},
  ];
  // What lies beside figures is in nobody's way.
  const figures: Writer = {path: figuresOf(paths.report), what: 'the figures of the report', span: spans.report};
  const given = givenPlaces(written);
  const everything = [...given.files, ...given.folders, ...files, ...folders, figures];
  return [
    ...findEqual(everything),
    ...files.flatMap((file) => findInside(file, [...folders, ...given.folders])),
    ...[...folders, figures].flatMap((folder) => findInside(folder, given.folders)),
    ...everything.flatMap((writer) => findInside(writer, [...given.files, ...files], 'below')),
    ...[...made, ...folders, figures].flatMap(findForeign),
    // Beside a file lie others of longer names until it is whole, below a folder those of its results.
    ...made.flatMap((file) => findTooLong(file, {name: 15, below: 0})),
    ...[...folders, figures].flatMap((folder) => findTooLong(folder, {name: 0, below: 400})),
  ];
}

function filesOf({paths, spans, phases}: Written): readonly Writer[] {
  return [
    ...phases.map(({name, span}) => ({
      path: `${paths.docs}/${name}_runbook.md`,
      what: `the runbook of phase "${name}"`,
      span: spans.docs ?? span,
    })),
    {path: paths.log, what: 'the log', span: spans.log},
    {path: paths.report, what: 'the report', span: spans.report},
    {path: paths.manifest, what: 'the data manifest', span: spans.manifest},
  ];
}

function writerOf({path, name, span}: Dataset): Writer {
  return {path, what: `dataset "${name}"`, span};
}

function givenPlaces({sources, python, program}: Written): {readonly files: readonly Writer[]; readonly folders: readonly Writer[]} {
  const span = undefined;
  return {
    files: sources.map((path) => ({path, what: 'the study itself', span})),
    folders: [
      {path: '.ftsbuild', what: 'the records of ftsbuild', span},
      {path: 'templates', what: 'the templates', span},
      ...(python.kind === 'venv' ? [{path: python.directory, what: 'the Python environment', span}] : []),
      ...(program === undefined ? [] : [{path: program, what: 'the Python code of ftsbuild', span}]),
    ],
  };
}

function findForeign({path, what, span}: Writer): readonly Diagnostic[] {
  const foreign = findForeignPlace(path);
  if (foreign === undefined) return [];
  const message = `${what} (${path}) would lie in "${foreign.step}", among ${foreign.what}`;
  return [
    problem('FTS205', message, {...(span && {span}), help: 'Give it a place of its own: what lies there is written by other programs.'}),
  ];
}

function findTooLong({path, what, span}: Writer, room: Room): readonly Diagnostic[] {
  const why = findLengthProblem(path, room);
  if (why === undefined) return [];
  const help = 'No file system takes it: write a shorter path.';
  return [problem('FTS206', `the path of ${what} ${why}`, {...(span && {span}), help})];
}

function findEqual(writers: readonly Writer[]): readonly Diagnostic[] {
  const first = new Map<string, Writer>();
  return writers.flatMap((writer) => {
    const earlier = first.get(foldName(writer.path));
    if (earlier === undefined) first.set(foldName(writer.path), writer);
    return earlier === undefined ? [] : [clash(`${earlier.what} and ${writer.what} would both be ${writer.path}`, [writer, earlier])];
  });
}

function findInside(writer: Writer, places: readonly Writer[], how: 'among' | 'below' = 'among'): readonly Diagnostic[] {
  const place = places.find(({path}) => foldName(writer.path).startsWith(`${foldName(path)}/`));
  if (place === undefined) return [];
  const where = how === 'among' ? `among ${place.what} (${place.path})` : `below ${place.what} (${place.path}), which is a file`;
  return [clash(`${writer.what} (${writer.path}) would lie ${where}`, [writer, place])];
}

function clash(message: string, [later, earlier]: readonly [Writer, Writer]): Diagnostic {
  const span = later.span ?? earlier.span;
  return problem('FTS205', message, {
    ...(span && {span}),
    ...(later.span && earlier.span && {see: [{span: earlier.span, note: earlier.what}]}),
    help: 'Give each a path of its own.',
  });
}
