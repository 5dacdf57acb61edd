// Whether the files of --events and --trace may be begun anew: only what is not there, or is a stream or a trace of ours.
import {problem, type Diagnostic} from '../base/diagnostic.ts';
import {isJsonObject, parseObject} from '../base/json.ts';
import type {Disk} from '../host/disk.ts';

export interface WrittenFiles {
  /** Relative to the workspace. */
  readonly events?: string | undefined;
  readonly trace?: string | undefined;
}

export function findForeignFiles(disk: Disk, {events, trace}: WrittenFiles): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  if (events !== undefined)
    problems.push(...refusalOf(disk, {option: '--events', path: events, what: 'stream of events', isOurs: isStream}));
  if (trace !== undefined) problems.push(...refusalOf(disk, {option: '--trace', path: trace, what: 'trace', isOurs: isTrace}));
  if (problems.length > 0 || events === undefined || trace === undefined || disk.resolve(events) !== disk.resolve(trace)) return problems;
  return [problem('FTS406', `--events and --trace both name ${events}`, {help: 'Give each a file of its own.'})];
}

interface Written {
  readonly option: string;
  readonly path: string;
  readonly what: string;
  readonly isOurs: (beginning: string) => boolean;
}

function refusalOf(disk: Disk, {option, path, what, isOurs}: Written): readonly Diagnostic[] {
  const stat = disk.stat(path);
  if (stat === 'missing') return [];
  const help = `Name a file that is not there, or a ${what} that this program has written.`;
  if (stat.kind !== 'file')
    return [
      problem('FTS406', `${option} cannot write ${path}: it is ${stat.kind === 'directory' ? 'a directory' : 'no plain file'}`, {help}),
    ];
  if (stat.size === 0 || isOurs(beginningOf(disk, path))) return [];
  return [problem('FTS406', `${option} would overwrite ${path}, which is no ${what} of this program`, {help})];
}

function beginningOf(disk: Disk, path: string): string {
  for (const piece of disk.readPieces(path) ?? []) return Buffer.from(piece).toString('utf8');
  return '';
}

function isStream(beginning: string): boolean {
  const [first = ''] = beginning.split('\n', 1);
  const run = parseObject(first);
  return run?.['type'] === 'run' && typeof run['schema_version'] === 'number';
}

// A trace begins with the name of its process, as chrome-trace.ts writes it.
function isTrace(beginning: string): boolean {
  const [bracket, first = ''] = beginning.split('\n', 2);
  if (bracket !== '[') return false;
  if (beginning === '[\n\n]\n') return true;
  const event = parseObject(first.replace(/,$/, ''));
  const args = event?.['args'];
  return (
    event?.['name'] === 'process_name' && isJsonObject(args) && typeof args['name'] === 'string' && args['name'].startsWith('ftsbuild')
  );
}
