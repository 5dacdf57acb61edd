// Makes the Python environment: a venv with the locked packages, that finds our own; or looks at a named interpreter.
import {findPython} from '../host/find-python.ts';
import type {Clock} from '../host/clock.ts';
import type {Disk} from '../host/disk.ts';
import {hasSucceeded, lastLineOf, runToEnd, saidBy} from '../host/run.ts';
import type {Processes} from '../host/processes.ts';
import type {Resources} from '../host/resources.ts';
import type {EnvironmentWork} from '../graph/node.ts';
import {recordOf} from './environment-record.ts';
import {chooseBuild, installPackages, type Installer, type Lock, type TorchBuild} from './install-packages.ts';
import {adviseOn, beginEnvironment} from './own-environment.ts';
import type {EnvironmentMaker, MadeEnvironment, MakingOptions} from './runner.ts';
import {sharePackages} from './shared-packages.ts';

interface Machine {
  readonly disk: Disk;
  /** Absolute folder that holds the Python package. */
  readonly packageRoot: string;
  readonly resources: Pick<Resources, 'hasDevice'>;
  readonly clock: Clock;
  readonly processes: Processes;
  /** The user's, absolute: what workspaces share lies there. */
  readonly cacheFolder: string;
}

interface Site extends Machine {
  readonly run: Installer['run'];
  readonly say: (what: string) => void;
  readonly stop: AbortSignal | undefined;
}

export function environmentMaker(machine: Machine): EnvironmentMaker {
  return async (work, options) => {
    const site = siteOf(machine, options);
    if (work.interpreter !== undefined) return lookAt(work.interpreter, work, site);
    const directory = machine.disk.resolve(work.directory ?? '.venv');
    const failure = (await makeVenv(directory, site)) ?? (await provide(directory, work, site));
    if (failure !== undefined) return {ok: false, message: failure};
    link(directory, 'ftsbuild.pth', (folder) => relativePath(folder, site.packageRoot), site);
    return recordOf(`${directory}/bin/python`, site);
  };
}

async function lookAt(interpreter: string, {requirements}: EnvironmentWork, site: Site): Promise<MadeEnvironment> {
  const made = await recordOf(interpreter, site);
  const advice = made.ok ? undefined : adviseOn(site.disk, interpreter, requirements);
  return made.ok || advice === undefined ? made : {ok: false, message: `${made.message}; ${advice}`};
}

// Once it is to stop nothing more starts, and nothing more is said.
function siteOf(machine: Machine, {logFile, say, stop}: MakingOptions): Site {
  const {disk} = machine;
  const log = (text: string): void => disk.append(logFile, text.endsWith('\n') ? text : `${text}\n`);
  return {
    ...machine,
    stop,
    say: (what) => {
      if (stop?.aborted !== true) say(what);
    },
    run: async (argv, options) => {
      if (stop?.aborted !== true) log(`$ ${argv.join(' ')}`);
      const ran = await runToEnd(argv, {directory: disk.root, stop, ...options});
      log(saidBy(ran));
      return ran;
    },
  };
}

// One that works is kept: installing into it is a second's look where nothing changed.
async function makeVenv(directory: string, {disk, run, say, stop}: Site): Promise<string | undefined> {
  if ('found' in (await findPython([`${directory}/bin/python`]))) return undefined;
  if (stop?.aborted === true) return 'it was stopped';
  const search = await findPython();
  if (!('found' in search)) {
    const tried = search.tried.map(({name, because}) => `${name}: ${because}`).join('; ');
    return `no Python 3.11 or newer was found (${tried}). Install it, for instance by \`apt-get install python3.11 python3.11-venv\` or \`brew install python@3.11\`, or name one in the study: \`python: {interpreter: PATH}\``;
  }
  const {path} = search.found;
  say(`making a virtual environment with ${path}`);
  beginEnvironment(disk, directory);
  const ran = await run([path, '-m', 'venv', directory], {timeoutMs: 120_000});
  if (hasSucceeded(ran)) return undefined;
  return `${path} could not make a virtual environment: ${lastLineOf(ran)}; on Debian and Ubuntu it takes the package python3-venv`;
}

// Its own packages, or a way to those that all workspaces share.
async function provide(directory: string, work: EnvironmentWork, site: Site): Promise<string | undefined> {
  const {disk, resources} = site;
  const hasNvidia = resources.hasDevice('cuda');
  const build = chooseBuild({platform: process.platform, hasNvidia, asksForCuda: work.asksForCuda});
  const lock = {file: work.requirements, text: disk.readText(work.requirements) ?? ''};
  const way = 'ftsbuild-shared.pth';
  if (work.packages !== 'shared') {
    link(directory, way, () => undefined, site);
    return install(directory, lock, build, site);
  }
  const found = await findPython([`${directory}/bin/python`]);
  const version = 'found' in found ? found.found.version.split('.').slice(0, 2).join('.') : '';
  const identity = [lock.text, build, version, process.platform, process.arch];
  const make = async (folder: string): Promise<string | undefined> =>
    (await makeVenv(folder, site)) ?? (await install(folder, lock, build, site));
  const shared = await sharePackages({identity, make}, site);
  if ('why' in shared) return shared.why;
  site.say(`the packages are those of ${shared.folder}`);
  link(directory, way, () => `${shared.folder}/lib/python${version}/site-packages`, site);
  return undefined;
}

async function install(directory: string, lock: Lock, build: TorchBuild, site: Site): Promise<string | undefined> {
  const {disk, run, say} = site;
  const why = await installPackages(lock, build, {
    ...{python: `${directory}/bin/python`, run, say},
    write: (text) => {
      const path = `${directory}/requirements.txt`;
      disk.write(path, text);
      return path;
    },
  });
  return why === undefined ? undefined : `the Python packages could not be installed: ${why}`;
}

// A relative line in a .pth file: the checkout can be moved, and scripts run by hand find the package.
function link(directory: string, name: string, placeFrom: (folder: string) => string | undefined, {disk}: Site): void {
  const versions = disk.list(`${directory}/lib`);
  for (const version of versions === 'missing' ? [] : versions.filter((entry) => entry.startsWith('python3'))) {
    const folder = `${directory}/lib/${version}/site-packages`;
    const place = placeFrom(folder);
    if (place === undefined) disk.remove(`${folder}/${name}`);
    else disk.write(`${folder}/${name}`, `${place}\n`);
  }
}

function relativePath(from: string, to: string): string {
  const left = from.split('/');
  const right = to.split('/');
  let shared = 0;
  while (shared < Math.min(left.length, right.length) && left[shared] === right[shared]) shared++;
  return [...left.slice(shared).map(() => '..'), ...right.slice(shared)].join('/');
}
