// Runs the environment node: has the environment made, and records what it is.
import type {EnvironmentWork, Node} from '../graph/node.ts';
import {keyOf, manifestOf} from '../state/manifest.ts';
import type {Outcome} from './events.ts';
import {asInstalled} from './installed.ts';
import {recordDone, refused, type Runner, type StaleVerdict} from './runner.ts';

/** The next build goes on with what is installed by then. */
const stopped = {status: 'interrupted', reason: 'signal', message: 'it was stopped while the environment was made'} as const;

export const environmentLog = '.ftsbuild/logs/environment.log';

export async function runEnvironment(runner: Runner, node: Node, work: EnvironmentWork, verdict: StaleVerdict): Promise<Outcome> {
  const {session} = runner;
  const startedAt = session.clock.now();
  const since = session.clock.elapsed();
  const logFile = environmentLog;
  runner.listen({type: 'node_started', node, attempt: 1, at: startedAt, logFile});
  session.store.record({kind: 'began', node: node.id, key: verdict.key, at: startedAt, attempt: 1, row: null});
  const made = await runner.makeEnvironment(work, {
    logFile,
    say: (what) => runner.listen({type: 'node_step', node, what, at: session.clock.now()}),
    stop: runner.interrupt,
  });
  const at = session.clock.now();
  const ms = session.clock.elapsed() - since;
  if (!made.ok) {
    const ended = runner.interrupt.aborted ? stopped : {status: 'failed' as const, reason: 'environment', message: made.message};
    session.store.record({kind: 'ended', node: node.id, key: verdict.key, at, durationMs: ms, ...ended});
    return runner.interrupt.aborted ? {at: 'failed', ...stopped} : refused('environment', made.message);
  }
  session.disk.write(work.record, made.record);
  // What is installed is what came out, not what was there before.
  const manifest = manifestOf(asInstalled(session, node), session.world);
  recordDone(runner, node, {key: keyOf(manifest), manifest, durationMs: ms, ms});
  return {at: 'done', how: 'ran'};
}
