// Looks at the Python environment again in mid-build, when a job found that something is not as it was judged.
import type {EnvironmentWork} from '../graph/node.ts';
import type {Outcome} from './events.ts';
import {environmentLog, runEnvironment} from './run-environment.ts';
import type {Runner} from './runner.ts';
import {forced, judgeNow} from './verdicts.ts';

/** Undefined where the environment is sound, renewed or not; else why nothing can run in it. */
export type RenewEnvironment = () => Promise<Outcome | undefined>;

/** Jobs that ask at the same time wait for one look. */
export function environmentRenewer(runner: Runner): RenewEnvironment {
  let looking: Promise<Outcome | undefined> | undefined;
  return () =>
    (looking ??= renew(runner).finally(() => {
      looking = undefined;
    }));
}

// Python is asked: what it found may be nothing that files tell. A venv is made as the lock file says, as at the start of a build.
async function renew(runner: Runner): Promise<Outcome | undefined> {
  const {session} = runner;
  const node = session.graph.nodes.find(({rule}) => rule === 'environment');
  if (node?.work.kind !== 'environment') return undefined;
  const {environment} = node.work;
  const seen = await runner.makeEnvironment(onlyLookedAt(environment, session), {
    ...{logFile: environmentLog, say: () => undefined, stop: runner.interrupt},
  });
  if (seen.ok && seen.record === session.disk.readText(environment.record)) return undefined;
  // The node has ended in this build: whoever shows the build would take it for one that runs still.
  const quiet = {...runner, listen: () => undefined};
  const outcome = await runEnvironment(quiet, node, environment, forced(judgeNow(session, node)));
  runner.forgetPackages?.();
  return outcome.at === 'done' ? undefined : outcome;
}

function onlyLookedAt(work: EnvironmentWork, {disk}: Runner['session']): EnvironmentWork {
  return {...work, directory: undefined, interpreter: work.interpreter ?? disk.resolve(`${work.directory ?? '.venv'}/bin/python`)};
}
