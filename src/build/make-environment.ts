// Makes the Python environment: a venv from the lock file, by uv where it can be had, else by pip; or looks at a named interpreter.
import {findPython} from '../host/find-python.ts';
import type {Disk} from '../host/disk.ts';
import {findOutput, runToEnd, type Ran} from '../host/run.ts';
import type {EnvironmentWork} from '../graph/node.ts';
import {neededPackages} from './installed.ts';
import {adviseOn, beginEnvironment} from './own-environment.ts';
import type {EnvironmentMaker} from './runner.ts';

type Made = Awaited<ReturnType<EnvironmentMaker>>;
type Words = readonly [string, ...string[]];

interface Site {
  readonly disk: Disk;
  /** Absolute folder that holds the Python package. */
  readonly packageRoot: string;
  readonly log: (text: string) => void;
  readonly say: (what: string) => void;
}

export function environmentMaker({disk, packageRoot}: Omit<Site, 'log' | 'say'>): EnvironmentMaker {
  return async (work, logFile, say) => {
    const site: Site = {disk, packageRoot, say, log: (text) => disk.append(logFile, text.endsWith('\n') ? text : `${text}\n`)};
    if (work.interpreter !== undefined) return lookAt(work.interpreter, work, site);
    const directory = disk.resolve(work.directory ?? '.venv');
    const failure = (await makeVenv(directory, site)) ?? (await installPackages(directory, work, site));
    if (failure !== undefined) return failure;
    linkPackage(directory, site);
    return recordOf(`${directory}/bin/python`, site);
  };
}

async function lookAt(interpreter: string, {requirements}: EnvironmentWork, site: Site): Promise<Made> {
  const made = await recordOf(interpreter, site);
  const advice = made.ok ? undefined : adviseOn(site.disk, interpreter, requirements);
  return made.ok || advice === undefined ? made : {ok: false, message: `${made.message}; ${advice}`};
}

// One that works is kept: installing into it is a second's look where nothing changed.
async function makeVenv(directory: string, site: Site): Promise<Made | undefined> {
  if ('found' in (await findPython([`${directory}/bin/python`]))) return undefined;
  const search = await findPython();
  if (!('found' in search)) {
    const tried = search.tried.map(({name, because}) => `${name}: ${because}`).join('; ');
    return {
      ok: false,
      message: `no Python 3.11 or newer was found (${tried}). Install it, for instance by \`apt-get install python3.11 python3.11-venv\` or \`brew install python@3.11\`, or name one in the study: \`python: {interpreter: PATH}\``,
    };
  }
  site.say(`making a virtual environment with ${search.found.path}`);
  beginEnvironment(site.disk, directory);
  const ran = await step([search.found.path, '-m', 'venv', directory], site, 120_000);
  return succeeded(ran)
    ? undefined
    : {
        ok: false,
        message: `${search.found.path} could not make a virtual environment: ${lastLine(ran)}; on Debian and Ubuntu it takes the package python3-venv`,
      };
}

const installTimeoutMs = 30 * 60_000;

// uv takes 15 s where pip takes two minutes; a machine without it gets it from the same registry as everything else. Where uv cannot (it
// trusts other certificates, say), pip tries.
async function installPackages(directory: string, {requirements}: EnvironmentWork, site: Site): Promise<Made | undefined> {
  const python = `${directory}/bin/python`;
  const count = packageCount(site.disk.readText(requirements) ?? '');
  const uv = await findUv(python, site);
  if (uv !== undefined) {
    site.say(`installing ${count} Python packages with uv`);
    const words: Words = [...uv, 'pip', 'install', '--python', python, '--compile-bytecode', '--requirement', requirements];
    if (succeeded(await step(words, site, installTimeoutMs))) return undefined;
  }
  site.say(`installing ${count} Python packages with pip (about 2 minutes)`);
  const ran = await step([python, '-m', 'pip', 'install', '--requirement', requirements], site, installTimeoutMs);
  return succeeded(ran) ? undefined : {ok: false, message: `the Python packages could not be installed: ${lastLine(ran)}`};
}

function packageCount(requirements: string): number {
  return requirements.split('\n').filter((line) => /^[\w-]/.test(line)).length;
}

async function findUv(python: string, site: Site): Promise<Words | undefined> {
  if ((await findOutput(['uv', '--version'], {timeoutMs: 10_000})) !== undefined) return ['uv'];
  site.say('fetching the installer uv');
  const ran = await step([python, '-m', 'pip', 'install', '--quiet', 'uv'], site, 120_000);
  return succeeded(ran) ? [python, '-m', 'uv'] : undefined;
}

// A relative line in a .pth file: the checkout can be moved, and scripts run by hand find the package.
function linkPackage(directory: string, {disk, packageRoot}: Site): void {
  const versions = disk.list(`${directory}/lib`);
  for (const name of versions === 'missing' ? [] : versions.filter((entry) => entry.startsWith('python3'))) {
    const site = `${directory}/lib/${name}/site-packages`;
    disk.write(`${site}/ftsbuild.pth`, `${relativePath(site, packageRoot)}\n`);
  }
}

function relativePath(from: string, to: string): string {
  const left = from.split('/');
  const right = to.split('/');
  let shared = 0;
  while (shared < Math.min(left.length, right.length) && left[shared] === right[shared]) shared++;
  return [...left.slice(shared).map(() => '..'), ...right.slice(shared)].join('/');
}

// `training` and `data` name the versions that change the numbers of such a step; they alone enter keys. Of two distributions of one name the
// first on the import path counts, as it does for an import. `places` is where to look for them without Python.
const versionsProgram = `
import importlib.metadata as m, json, os, platform, sys, sysconfig
others = ["", sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), sys.argv[1]]
folders = [p for p in sys.path if p not in others and os.path.basename(p) != "lib-dynload" and os.path.isdir(p)]
packages = {}
for d in m.distributions(path=folders): packages.setdefault((d.metadata["Name"] or "").lower(), d.version)
def minor(version): return ".".join(version.split("+")[0].split(".")[:2])
def pick(names): return {"python": minor(platform.python_version()), **{n: minor(packages[n]) for n in names if n in packages}}
missing = [n for n in ${JSON.stringify(neededPackages)} if n not in packages]
if missing: raise SystemExit("missing packages: " + ", ".join(missing))
def near(path): return path[len(sys.argv[2]):] if path.startswith(sys.argv[2]) else path
print(json.dumps({"schema_version": 1, "python": platform.python_version(), "training": pick(["torch", "optuna", "numpy"]),
  "data": pick(["numpy", "pandas", "ta-lib", "arch"]), "packages": dict(sorted(packages.items())),
  "places": {"executable": near(sys.executable), "folders": [near(p) for p in folders]}}, indent=2))
`;

async function recordOf(interpreter: string, site: Site): Promise<Made> {
  site.say(`looking at the packages of ${interpreter}`);
  const {packageRoot, disk} = site;
  // The import path of a job: another PYTHONPATH is no job's.
  const ran = await runToEnd([interpreter, '-c', versionsProgram, packageRoot, `${disk.root}/`], {
    ...{directory: disk.root, environment: {PYTHONPATH: packageRoot}, timeoutMs: 60_000},
  });
  if (ran.how === 'exited' && ran.status === 0) return {ok: true, record: `${ran.stdout}\n`};
  return {ok: false, message: `${interpreter} cannot be used: ${lastLine(ran)}`};
}

async function step(argv: Words, site: Site, timeoutMs: number): Promise<Ran> {
  site.log(`$ ${argv.join(' ')}`);
  const ran = await runToEnd(argv, {directory: site.disk.root, timeoutMs});
  site.log(saidBy(ran));
  return ran;
}

function succeeded(ran: Ran): boolean {
  return ran.how === 'exited' && ran.status === 0;
}

function saidBy(ran: Ran): string {
  return ran.how === 'not_started' ? ran.message : `${ran.stdout}\n${ran.stderr}`;
}

function lastLine(ran: Ran): string {
  if (ran.how === 'timed_out') return `it took more than ${String(Math.round(ran.afterMs / 60_000))} minutes`;
  const lines = saidBy(ran)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.at(-1) ?? 'it gave no reason';
}
