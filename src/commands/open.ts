// Opens a workspace for a command: finds it, loads the study, its graph and its state. Reads only.
import {join, relative, sep} from 'node:path';
import type {Diagnostic} from '../base/diagnostic.ts';
import {success, type Result} from '../base/result.ts';
import {openConditions} from '../build/conditions.ts';
import {withOwnEnvironment} from '../build/own-environment.ts';
import type {Session} from '../build/session.ts';
import type {TextReader} from '../config/include.ts';
import {loadStudy, type Loaded} from '../config/load.ts';
import {parseTiers, type TierTable} from '../config/tiers.ts';
import type {Graph} from '../graph/graph.ts';
import {systemClock} from '../host/clock.ts';
import type {Disk} from '../host/disk.ts';
import {coreCount} from '../host/cores.ts';
import {packageFolder} from '../host/package-folder.ts';
import {workspaceDisk} from '../host/real-disk.ts';
import {forgivingDisk} from '../state/forgiving-disk.ts';
import {machineResources} from '../host/resources.ts';
import {recordingDisk, type RecordingDisk} from '../host/recording-disk.ts';
import {findWorkspace, type Place} from './workspace.ts';
import type {RuleContext} from '../rules/context.ts';
import {graphOf} from '../rules/nodes.ts';
import {openDigests, type Digests} from '../state/digests.ts';
import {openStore} from '../state/store.ts';
import {openWorld} from '../state/world.ts';

export interface OpenOptions {
  /** -C; the working directory where it is not given. */
  readonly directory?: string | undefined;
  /** -f, relative to the directory. */
  readonly file?: string | undefined;
  readonly profile?: string | undefined;
  /** A workspace that was found before: it stays the same while the file is gone. */
  readonly place?: Place | undefined;
  /** The file whose place below outputs/ the study takes, where it is not its own. */
  readonly home?: string | undefined;
  /** Reads the files of the configuration, where they are not simply those of the workspace. */
  readonly reader?: TextReader | undefined;
}

export interface Opened {
  readonly session: Session;
  /** Every path that the session has looked at so far, and when it began to look. */
  readonly looked: () => ReadonlySet<string>;
  readonly sinceMs: number;
  readonly warnings: readonly Diagnostic[];
  /** Names of all profiles of the study. */
  readonly profiles: readonly string[];
}

/** What the files of a study alone say: enough for its targets, without any state. */
interface OpenedStudy extends Loaded {
  readonly disk: RecordingDisk;
  /** Folder of the installed package. */
  readonly home: string;
}

export function openStudy(options: OpenOptions): Result<OpenedStudy> {
  const place = options.place === undefined ? findWorkspace(options) : success(options.place);
  if (!place.ok) return place;
  const {root, file} = place.value;
  const disk = recordingDisk(forgivingDisk(workspaceDisk(root)));
  const home = packageFolder();
  const tiers = readTiers(disk, home);
  if (!tiers.ok) return tiers;
  const loaded = loadStudy(options.reader ?? disk, {
    file,
    cores: coreCount(),
    program: findWithin(root, join(home, 'python')),
    tiers: tiers.value,
    ...(options.profile === undefined ? {} : {profile: options.profile}),
    ...(options.home === undefined ? {} : {home: options.home}),
  });
  if (!loaded.ok) return loaded;
  const {study} = loaded.value;
  return success({...loaded.value, study: {...study, python: withOwnEnvironment(disk, study.python)}, disk, home});
}

function findWithin(root: string, folder: string): string | undefined {
  const path = relative(root, folder).replaceAll(sep, '/');
  return path === '' || path === '..' || path.startsWith('../') ? undefined : path;
}

export function openGraph({study, disk, home}: OpenedStudy): Result<{readonly graph: Graph; readonly templates: RuleContext['templates']}> {
  const templates = readTemplates(disk, join(home, 'templates'));
  const requirements = join(home, 'python/requirements.lock');
  const {hasDevice} = machineResources();
  const hasAccelerator = hasDevice('cuda') || hasDevice('mps');
  const graph = graphOf({study, templates, requirements: {file: requirements, text: read(disk, requirements)}, hasAccelerator});
  return graph.ok ? success({graph: graph.value, templates}) : graph;
}

/** `digests`: those of another session in the same workspace at the same moment, so that no file is read twice. */
export function openSession(options: OpenOptions, digests?: Digests): Result<Opened> {
  const sinceMs = systemClock.now();
  const opened = openStudy(options);
  if (!opened.ok) return opened;
  const {study, disk, home, warnings, profiles} = opened.value;
  const made = openGraph(opened.value);
  if (!made.ok) return made;
  const packageRoot = join(home, 'python');
  const store = openStore(disk);
  if (!store.ok) return store;
  const known = digests ?? openDigests(disk, systemClock, '.ftsbuild/digests');
  const world = openWorld({disk, digests: known, packageRoot, dataManifest: study.paths.manifest});
  return success({
    warnings: [...warnings, ...store.value.warnings],
    profiles,
    sinceMs,
    looked: () => disk.looked(),
    session: {
      ...{study, disk, world, packageRoot, digests: known},
      ...made.value,
      clock: systemClock,
      store: store.value,
      remembered: new Set(),
      conditions: openConditions(),
    },
  });
}

/** The named feature sets of the installed package; `home` is its folder. */
export function readTiers(disk: Disk, home: string): Result<TierTable> {
  return parseTiers(read(disk, join(home, 'python/fts/data/tiers.json')));
}

/** Templates of the workspace win over those of the program, file by file; others there are none of ours. */
function readTemplates(disk: Disk, folder: string): ReadonlyMap<string, string> {
  const names = disk.list(folder);
  if (names === 'missing') throw new Error('unreachable: the templates are not beside the program');
  const own = disk.list('templates');
  return new Map(
    names
      .filter((name) => name.endsWith('.hbs'))
      .map((name) => [name, read(disk, own !== 'missing' && own.includes(name) ? `templates/${name}` : join(folder, name))]),
  );
}

function read(disk: Disk, path: string): string {
  const text = disk.readText(path);
  if (text === undefined) throw new Error(`unreachable: ${path} is not beside the program`);
  return text;
}
