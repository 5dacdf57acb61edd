// The event stream of a build: each event is one JSON line, written at once, for programs that follow it. Reads it back for those who look on.
import {isJsonObject} from '../base/json.ts';
import type {Instant} from '../host/clock.ts';
import type {Disk} from '../host/disk.ts';
import {streamVersion, type EventLine, type RunLine} from './event-line.ts';
import {emptyView, follow, type View} from './view.ts';

const folder = '.ftsbuild/events';
/** Streams of so many builds are kept. */
export const keptStreams = 50;

/** Writes to `.ftsbuild/events/{start}.ndjson`, and to `copy` (--events), which is begun anew. Streams of old builds go. */
export function openStream(disk: Disk, run: RunLine, copy?: string): (line: EventLine) => void {
  const path = `${folder}/${run.time.replaceAll(':', '')}.ndjson`;
  prune(disk, keptStreams - 1);
  if (copy !== undefined && disk.stat(copy) !== 'missing') disk.truncate(copy, 0);
  const paths = [path, ...(copy === undefined ? [] : [copy])];
  const write = (line: EventLine): void => {
    const text = `${JSON.stringify(line)}\n`;
    for (const each of paths) disk.append(each, text);
  };
  write(run);
  return write;
}

function prune(disk: Disk, kept: number): void {
  for (const name of streamsIn(disk).slice(0, -kept)) disk.remove(`${folder}/${name}`);
}

// Their names begin with the time of their start: oldest first.
function streamsIn(disk: Disk): readonly string[] {
  const names = disk.list(folder);
  return names === 'missing' ? [] : names.filter((name) => name.endsWith('.ndjson'));
}

/** How the build of this process stands now; undefined where it has no stream yet, or one of another version. */
export function findView(disk: Disk, builder: {readonly pid: number; readonly host: string; readonly since: Instant}): View | undefined {
  const name = streamsIn(disk).at(-1);
  const text = name === undefined ? undefined : disk.readText(`${folder}/${name}`);
  const lines = linesOf(text ?? '');
  const [first] = lines;
  if (first?.type !== 'run' || first.pid !== builder.pid || first.host !== builder.host) return undefined;
  if (Date.parse(first.time) < builder.since) return undefined;
  const view = emptyView();
  for (const line of lines) follow(view, line);
  return view;
}

/** The whole lines of a stream that may still grow; none of a stream of another version. */
export function linesOf(text: string): readonly EventLine[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const lines = whole.split('\n').flatMap((line) => findLine(line) ?? []);
  const [first] = lines;
  return first?.type === 'run' && (first.schema_version as number) === streamVersion ? lines : [];
}

// A line that a crash tore is nothing. What has a type is a line: this program wrote it, under the version that its first line names.
function findLine(text: string): EventLine | undefined {
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined;
  const value: unknown = JSON.parse(text);
  return isJsonObject(value) && typeof value['type'] === 'string' ? (value as unknown as EventLine) : undefined;
}
