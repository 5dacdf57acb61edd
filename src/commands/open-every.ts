// Opens every study of a workspace, plain and under each of its profiles: they share one state. Reads only.
import type {Diagnostic} from '../base/diagnostic.ts';
import {failure, success, type Result} from '../base/result.ts';
import type {Session} from '../build/session.ts';
import {openSession, type OpenOptions} from './open.ts';

export interface Unreadable {
  readonly file: string;
  readonly profile: string | undefined;
  readonly problems: readonly Diagnostic[];
}

export interface Every {
  /** The study that was asked for. */
  readonly session: Session;
  /** All of them, that one too. */
  readonly sessions: readonly Session[];
  /** Studies that do not load: what they need is not known. */
  readonly unreadable: readonly Unreadable[];
}

/** The study asked for must load; of the others those that do not are named. */
export function openEvery(options: OpenOptions): Result<Every> {
  const first = openSession(options);
  if (!first.ok) return failure(first.error);
  const {session} = first.value;
  const sessions: Session[] = [session];
  const unreadable: Unreadable[] = [];
  const directory = session.disk.root;
  for (const file of studyFiles(session)) {
    const plain = openSession({directory, file});
    const profiles = plain.ok ? plain.value.profiles : [];
    for (const profile of [undefined, ...profiles]) {
      if (file === session.study.file && profile === options.profile) continue;
      const opened = profile === undefined ? plain : openSession({directory, file, profile});
      if (opened.ok) sessions.push(opened.value.session);
      else unreadable.push({file, profile, problems: opened.error});
    }
  }
  // A file that others include need not be a study by itself.
  const included = new Set(sessions.flatMap(({study}) => study.sources.filter((source) => source !== study.file)));
  return success({session, sessions, unreadable: unreadable.filter(({file}) => !included.has(file))});
}

// That of the root, those in `configs/`, and the one that was named.
function studyFiles({disk, study}: Session): readonly string[] {
  const names = disk.list('configs');
  const others = (names === 'missing' ? [] : names).filter((name) => /\.ya?ml$/.test(name)).map((name) => `configs/${name}`);
  const root = disk.stat('experiments.yaml') === 'missing' ? [] : ['experiments.yaml'];
  return [...new Set([...root, ...others, study.file])];
}
