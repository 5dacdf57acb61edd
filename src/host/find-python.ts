// Finds a Python interpreter on this machine. Knows nothing of what is installed in it.
import {runToEnd} from './run.ts';

export interface Interpreter {
  /** Absolute. */
  readonly path: string;
  /** `3.12.4`. */
  readonly version: string;
}

export type PythonSearch = {readonly found: Interpreter} | {readonly tried: readonly {readonly name: string; readonly because: string}[]};

const usualNames = ['python3.13', 'python3.12', 'python3.11', 'python3', 'python'];
const oldest = [3, 11] as const;
const question = 'import sys; print(sys.executable); print("%d.%d.%d" % sys.version_info[:3])';

/** The first of the names (commands or paths) that is new enough. */
export async function findPython(names: readonly string[] = usualNames): Promise<PythonSearch> {
  const tried: {name: string; because: string}[] = [];
  for (const name of names) {
    const answer = await askPython(name);
    if (typeof answer !== 'string') return {found: answer};
    tried.push({name, because: answer});
  }
  return {tried};
}

/** The interpreter, or why it cannot serve. */
async function askPython(name: string): Promise<Interpreter | string> {
  const ran = await runToEnd([name, '-c', question], {timeoutMs: 10_000});
  if (ran.how === 'not_started') return 'not found';
  if (ran.how === 'timed_out') return 'did not answer';
  const [path = '', version = ''] = ran.stdout.split('\n');
  if (ran.how !== 'exited' || ran.status !== 0 || !path.startsWith('/')) return 'does not run';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNewEnough = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  return isNewEnough ? {path, version} : `is ${version}, older than ${oldest.join('.')}`;
}
