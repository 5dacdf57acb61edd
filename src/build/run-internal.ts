// Runs work that the engine does itself: rendering scripts, borrowing parameters. Starts no process but for the syntax check.
import {isJsonObject, type Json} from '../base/json.ts';
import {validateResult} from '../config/results.ts';
import type {Node, Rendered, Work} from '../graph/node.ts';
import type {Outcome} from './events.ts';
import {replaceOutput} from './give-way.ts';
import {keepSuperseded} from './keep.ts';
import {isCached} from './restore.ts';
import {changedUnderway, failed, isChangedUnderway, recordDone, type Runner, type StaleVerdict} from './runner.ts';

export async function runInternal(
  runner: Runner,
  node: Node,
  work: Extract<Work, {kind: 'internal'}>,
  verdict: StaleVerdict,
): Promise<Outcome> {
  const {session} = runner;
  const startedAt = session.clock.now();
  const since = session.clock.elapsed();
  const rendered = await work.perform({readText: (path) => session.disk.readText(path)});
  if (!rendered.ok) return failed('bad_input', rendered.error.map((entry) => entry.message).join('; '));
  const files = rendered.value.files.map(({path, text}) => ({
    path,
    text: rendered.value.holds === 'best_params' ? withKey(text, verdict.key) : text,
  }));
  const askedSince = session.clock.elapsed();
  const problems = await findProblems(runner, files, rendered.value.holds);
  // Waiting for the Python process to warm up is no work of this node.
  const waitedMs = session.clock.elapsed() - askedSince;
  if (problems.length > 0) return failed('check', problems.join('; '));
  if (isChangedUnderway(runner, node, verdict)) return changedUnderway();
  const superseded = isCached(node) ? keepSuperseded(session, node, verdict.key) : undefined;
  if (superseded !== undefined) runner.listen({type: 'node_kept', node, ...superseded});
  session.store.record({kind: 'began', node: node.id, key: verdict.key, at: startedAt, attempt: 1, row: null});
  for (const {path, text} of files) {
    replaceOutput(runner, node, path, text);
  }
  const ms = session.clock.elapsed() - since - waitedMs;
  recordDone(runner, node, {key: verdict.key, manifest: verdict.manifest, durationMs: ms, ms});
  return {at: 'done', how: 'ran'};
}

async function findProblems(runner: Runner, files: Rendered['files'], holds: Rendered['holds']): Promise<readonly string[]> {
  if (holds === 'python')
    return (await runner.checkSyntax(files.map(({path, text}) => ({path, source: text})))).map(({message}) => message);
  if (holds === 'best_params')
    return files.flatMap(({path, text}) => validateResult('best_params', JSON.parse(text)).map((problem) => `${path}: ${problem}`));
  return [];
}

/** Identity and key are stamped by the engine, never by what made the result. */
function withKey(text: string, key: string): string {
  const json = JSON.parse(text) as Json;
  return isJsonObject(json) ? `${JSON.stringify({...json, key}, null, 2)}\n` : text;
}
