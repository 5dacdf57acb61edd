// The study's Python, as a build asks it: started at the first use, to run jobs, to compile scripts and to look for modules.
import {problem, type Diagnostic} from '../base/diagnostic.ts';
import {interpreterOf} from '../build/run-job.ts';
import type {Session} from '../build/session.ts';
import {pythonExecutor} from '../executors/python.ts';
import type {SourceFile, WarmExecutor} from '../executors/warm.ts';
import {findOutput} from '../host/run.ts';
import type {AtEnd} from './closing.ts';

// What every job would import; importing it once is what a warm start saves.
const preload = ['torch', 'torch._dynamo', 'optuna', 'pandas', 'numpy', 'pyarrow.parquet'];

export interface StudyPython {
  get(): WarmExecutor;
  /** What is installed has changed: the next use starts anew. Jobs of the old one run on; it is closed with the build. */
  forget(): void;
}

export function openPython(session: Session, cold: boolean, atEnd: AtEnd): StudyPython {
  const started: WarmExecutor[] = [];
  let python: WarmExecutor | undefined;
  atEnd(async () => {
    await Promise.all(started.map((executor) => executor.close()));
  });
  const {packageRoot, disk} = session;
  const start = (): WarmExecutor => {
    const executor = pythonExecutor({interpreter: interpreterOf(session), directory: disk.root, packageRoot, preload, cold});
    started.push(executor);
    return executor;
  };
  return {
    get: () => (python ??= start()),
    forget: () => {
      python = undefined;
    },
  };
}

export async function checkSyntax(python: WarmExecutor, files: readonly SourceFile[]): Promise<readonly Diagnostic[]> {
  const checked = await python.checkSyntax(files);
  if (!checked.ok) return [problem('FTS503', `the syntax could not be checked: ${checked.error}`)];
  return checked.value.map(({path, line, message}) => problem('FTS503', `${path}:${String(line ?? '?')}: ${message}`));
}

const findSpecs = 'import sys, importlib.util as u; print(*[name for name in sys.argv[1:] if u.find_spec(name) is None])';

// An interpreter that does not answer was found out by the look at the syntax before.
export async function findMissingModules(session: Session, names: readonly string[], stop?: AbortSignal): Promise<readonly string[]> {
  const argv = [interpreterOf(session), '-c', findSpecs, ...names] as const;
  const said = await findOutput(argv, {directory: session.disk.root, timeoutMs: 60_000, stop});
  return (said ?? '').split(' ').filter((name) => name !== '');
}
