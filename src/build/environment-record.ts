// Asks an interpreter what is installed for it, and gives the text of the environment's record. Knows nothing of how it came there.
import type {Disk} from '../host/disk.ts';
import {lastLineOf, runToEnd} from '../host/run.ts';
import {neededPackages} from './installed.ts';
import type {MadeEnvironment} from './runner.ts';

// `training` and `data` name the versions that change the numbers of such a step; they alone enter keys. Of two distributions of one name the
// first on the import path counts, as it does for an import. What follows a plus (`2.15.0+cpu`) says how a package was built, and changes no
// key. `places` is where to look for them without Python.
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

interface Site {
  readonly disk: Disk;
  readonly packageRoot: string;
  readonly say: (what: string) => void;
  readonly stop: AbortSignal | undefined;
}

export async function recordOf(interpreter: string, {disk, packageRoot, say, stop}: Site): Promise<MadeEnvironment> {
  say(`looking at the packages of ${interpreter}`);
  // The import path of a job: another PYTHONPATH is no job's.
  const ran = await runToEnd([interpreter, '-c', versionsProgram, packageRoot, `${disk.root}/`], {
    ...{directory: disk.root, environment: {PYTHONPATH: packageRoot}, timeoutMs: 60_000, stop},
  });
  if (ran.how === 'exited' && ran.status === 0) return {ok: true, record: `${ran.stdout}\n`};
  return {ok: false, message: `${interpreter} cannot be used: ${lastLineOf(ran)}`};
}
