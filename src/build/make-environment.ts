// Makes the Python environment: a venv from the lock file, by uv where it can be had, else by pip; or looks at a named interpreter.
import {findPython} from '../host/find-python.ts';
import type {Disk} from '../host/disk.ts';
import {runToEnd, type RunOutcome} from '../host/run.ts';
import type {EnvironmentWork} from '../graph/node.ts';
import type {EnvironmentMaker} from './runner.ts';

type Made = Awaited<ReturnType<EnvironmentMaker>>;

interface Place {
  readonly disk: Disk;
  /** Absolute folder that holds the Python package. */
  readonly packageRoot: string;
}

export function environmentMaker(place: Place): EnvironmentMaker {
  return async (work, logFile) => {
    const log = (text: string): void => {
      place.disk.append(logFile, text.endsWith('\n') ? text : `${text}\n`);
    };
    if (work.interpreter !== undefined) return recordOf(work.interpreter, place, log);
    const directory = place.disk.resolve(work.directory ?? '.venv');
    const made = (await makeVenv(directory, place, log)) ?? (await installPackages(directory, work, place, log));
    if (made !== undefined) return made;
    linkPackage(directory, place);
    return recordOf(`${directory}/bin/python`, place, log);
  };
}

type Log = (text: string) => void;

async function makeVenv(directory: string, place: Place, log: Log): Promise<Made | undefined> {
  if (await works(`${directory}/bin/python`, place)) return undefined;
  const found = await findPython();
  if (found.found === false) {
    return {ok: false, message: `no Python 3.11 or newer was found (tried ${found.tried.join(', ')}); install it, for instance with \`apt-get install python3.11 python3.11-venv\` or \`brew install python@3.11\`, or name one as \`python: {interpreter: PATH}\``};
  }
  const run = await step([found.path, '-m', 'venv', '--clear', directory], place, log, 120_000);
  if (run.ok) return undefined;
  return {ok: false, message: `${found.path} could not make a virtual environment: ${lastLine(run)}; on Debian and Ubuntu it takes the package python3-venv`};
}

async function works(interpreter: string, place: Place): Promise<boolean> {
  if (place.disk.stat(interpreter) === 'missing') return false;
  const run = await runToEnd([interpreter, '-c', 'import sys; sys.exit(sys.version_info < (3, 11))'], {directory: place.disk.root, timeoutMs: 30_000});
  return run.ok;
}

const installTimeoutMs = 30 * 60_000;

// uv takes 15 s where pip takes two minutes; a machine without it gets it from the same registry as everything else.
async function installPackages(directory: string, work: EnvironmentWork, place: Place, log: Log): Promise<Made | undefined> {
  const python = `${directory}/bin/python`;
  const uv = await findUv(python, place, log);
  const argv = uv === undefined ? [python, '-m', 'pip', 'install', '--requirement', work.requirements] : [...uv, 'pip', 'install', '--python', python, '--compile-bytecode', '--requirement', work.requirements];
  const run = await step(argv, place, log, installTimeoutMs);
  return run.ok ? undefined : {ok: false, message: `the Python packages could not be installed: ${lastLine(run)}`};
}

async function findUv(python: string, place: Place, log: Log): Promise<readonly string[] | undefined> {
  const own = await runToEnd(['uv', '--version'], {directory: place.disk.root, timeoutMs: 10_000});
  if (own.ok) return ['uv'];
  const installed = await step([python, '-m', 'pip', 'install', '--quiet', 'uv'], place, log, 120_000);
  return installed.ok ? [python, '-m', 'uv'] : undefined;
}

// A relative line in a .pth file: the checkout can be moved, and scripts run by hand find the package.
function linkPackage(directory: string, place: Place): void {
  const version = place.disk.list(`${directory}/lib`);
  if (version === 'missing') return;
  for (const name of version.filter((entry) => entry.startsWith('python3'))) {
    const site = `${directory}/lib/${name}/site-packages`;
    place.disk.write(`${site}/ftsbuild.pth`, `${relativePath(site, place.packageRoot)}\n`);
  }
}

function relativePath(from: string, to: string): string {
  const left = from.split('/');
  const right = to.split('/');
  let shared = 0;
  while (shared < Math.min(left.length, right.length) && left[shared] === right[shared]) shared++;
  return [...left.slice(shared).map(() => '..'), ...right.slice(shared)].join('/');
}

const versionsProgram = `
import importlib.metadata as m, json, platform
packages = {(d.metadata["Name"] or "").lower(): d.version for d in m.distributions()}
def minor(version): return ".".join(version.split("+")[0].split(".")[:2])
def pick(names): return {"python": minor(platform.python_version()), **{n: minor(packages[n]) for n in names if n in packages}}
print(json.dumps({"schema_version": 1, "python": platform.python_version(), "training": pick(["torch", "optuna", "numpy"]),
  "data": pick(["numpy", "pandas", "ta-lib", "arch"]), "packages": dict(sorted(packages.items()))}, indent=2))
missing = [n for n in ["torch", "optuna", "numpy", "pandas", "pyarrow", "ta-lib", "arch"] if n not in packages]
raise SystemExit(f"missing packages: {', '.join(missing)}" if missing else 0)
`;

async function recordOf(interpreter: string, place: Place, log: Log): Promise<Made> {
  const run = await runToEnd([interpreter, '-c', versionsProgram], {directory: place.disk.root, timeoutMs: 60_000});
  if (run.ok) return {ok: true, record: run.stdout};
  log(run.stderr);
  return {ok: false, message: `${interpreter} cannot be used: ${lastLine(run)}`};
}

async function step(argv: readonly string[], place: Place, log: Log, timeoutMs: number): Promise<RunOutcome> {
  log(`$ ${argv.join(' ')}`);
  const run = await runToEnd(argv, {directory: place.disk.root, timeoutMs});
  log(run.stdout + run.stderr);
  return run;
}

function lastLine(run: RunOutcome): string {
  const lines = `${run.stdout}\n${run.stderr}`.split('\n').filter((line) => line.trim() !== '');
  return lines.at(-1) ?? 'it gave no reason';
}
