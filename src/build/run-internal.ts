// Runs work that the engine does itself: rendering scripts, borrowing parameters. Starts no process but for the syntax check.
import {isJsonObject, type Json} from '../base/json.ts';
import type {Node, Rendered, Work} from '../graph/node.ts';
import type {Outcome} from './events.ts';
import {keepEdited} from './keep.ts';
import {failed, recordDone, type Runner, type StaleVerdict} from './runner.ts';

export async function runInternal(runner: Runner, node: Node, work: Extract<Work, {kind: 'internal'}>, verdict: StaleVerdict): Promise<Outcome> {
  const {session} = runner;
  const startedAt = session.clock.now();
  const rendered = await work.perform({readText: (path) => session.disk.readText(path)});
  if (!rendered.ok) return failed('bad_input', rendered.error.map((entry) => entry.message).join('; '));
  const problems = rendered.value.python ? await runner.checkSyntax(rendered.value.files.map(({path, text}) => ({path, source: text}))) : [];
  if (problems.length > 0) return failed('syntax', problems.map((entry) => entry.message).join('; '));
  session.store.record({kind: 'began', node: node.id, key: verdict.key, at: startedAt, attempt: 1, row: null});
  writeFiles(runner, node, rendered.value, verdict);
  recordDone(runner, node, {key: verdict.key, manifest: verdict.manifest, durationMs: session.clock.now() - startedAt});
  return {at: 'done', how: 'ran'};
}

function writeFiles(runner: Runner, node: Node, rendered: Rendered, verdict: StaleVerdict): void {
  for (const {path, text} of rendered.files) {
    const final = node.rule === 'borrow' ? withKey(text, verdict.key) : text;
    const kept = keepEdited(runner.session, node, path, final);
    if (kept !== undefined) runner.listen({type: 'node_kept', node, ...kept});
    runner.session.disk.write(path, final);
  }
}

/** Identity and key are stamped by the engine, never by what made the result. */
function withKey(text: string, key: string): string {
  const json = JSON.parse(text) as Json;
  return isJsonObject(json) ? `${JSON.stringify({...json, key}, null, 2)}\n` : text;
}
