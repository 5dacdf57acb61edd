// The answer "nothing to do" for one command line, with the stat of every path it rests on. While none has changed it is the answer
// still, and neither the configuration nor the graph is loaded. A cache: whoever deletes it loses time only.
import {stampOf, type Disk, type FileStat} from '../host/disk.ts';

const format = 'ftsbuild fresh 1';
/** A file that changed this shortly before it was looked at may have changed again within one tick of a coarse clock. */
const marginNs = 2_000_000_000n;

export interface Question {
  /** The words of the command line, as they were typed. */
  readonly words: readonly string[];
  readonly directory: string;
  /** The program itself: another version may judge otherwise. */
  readonly program: string;
}

interface Answer {
  readonly question: Question;
  /** What to print. */
  readonly text: string;
  readonly paths: Iterable<string>;
  /** Before the first path was looked at. */
  readonly sinceMs: number;
}

/** Writes nothing where a path changed too lately to be sure of. */
export function writeSnapshot(disk: Disk, {question, text, paths, sinceMs}: Answer): void {
  const before = BigInt(Math.floor(sinceMs)) * 1_000_000n - marginNs;
  const stamps: string[] = [];
  for (const path of [question.program, ...paths]) {
    // The digests' own record is a cache too, and is rewritten by those who only look.
    if (path === '.ftsbuild/digests' || path.startsWith('.ftsbuild/fresh/')) continue;
    const stat = disk.stat(path);
    if (stat !== 'missing' && (stat.mtimeNs > before || stat.ctimeNs > before)) return;
    stamps.push(`${stampText(stat)} ${path}`);
  }
  // Their number comes first: a file that was cut off must not answer for what it lost.
  const head = [format, JSON.stringify(question), JSON.stringify({text, stamps: stamps.length})];
  disk.write(fileFor(question), `${[...head, ...stamps].join('\n')}\n`);
}

/** The answer's text, if it holds still. */
export function findAnswer(disk: Disk, question: Question): string | undefined {
  const [version, asked, answer, ...stamps] = disk.readText(fileFor(question))?.split('\n') ?? [];
  if (version !== format || asked !== JSON.stringify(question) || answer === undefined || stamps.pop() !== '') return undefined;
  const text = findText(answer, stamps.length);
  return text !== undefined && stamps.every((line) => isUnchanged(disk, line)) ? text : undefined;
}

function findText(answer: string, count: number): string | undefined {
  const expected = /^\{"text":(.*),"stamps":(\d+)\}$/.exec(answer);
  return expected?.[2] === String(count) ? (JSON.parse(expected[1] ?? '""') as string) : undefined;
}

function isUnchanged(disk: Disk, line: string): boolean {
  const gap = line.indexOf(' ');
  return stampText(disk.stat(line.slice(gap + 1))) === line.slice(0, gap);
}

function stampText(stat: FileStat | 'missing'): string {
  return stat === 'missing' ? 'missing' : stampOf(stat);
}

// Readable, and short enough for every file system; two questions of one name only overwrite each other.
function fileFor({words}: Question): string {
  return `.ftsbuild/fresh/of_${words
    .join(' ')
    .replace(/[^\w.=-]+/g, '_')
    .slice(0, 100)}`;
}
