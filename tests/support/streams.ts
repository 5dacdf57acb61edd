// Lines of an event stream, made by hand: for what folds, shows or draws them.
import type {JsonObject} from '../../src/base/json.ts';
import type {EventLine, RunLine, SecondsRange} from '../../src/ui/event-line.ts';
import {emptyView, follow, type View} from '../../src/ui/view.ts';

export const start = Date.UTC(2026, 0, 1);

export function at(seconds: number): string {
  return new Date(start + seconds * 1000).toISOString();
}

export function seconds(amount: number): SecondsRange {
  return {seconds: amount, low_seconds: amount / 2, high_seconds: amount * 2};
}

export function run(estimate: RunLine['estimate'] = null, time = at(0)): RunLine {
  return {time, type: 'run', schema_version: 1, pid: 1, host: 'here', command: 'all', jobs: 2, estimate};
}

export function started(node: string, {time = 0, rule = 'hpo', estimate = null}: Partial<Started> = {}): EventLine {
  return {time: at(time), type: 'node_started', node, label: `${rule} ${node}`, rule, attempt: 1, log_file: null, estimate};
}

interface Started {
  readonly time: number;
  readonly rule: 'hpo' | 'training' | 'environment' | 'script';
  readonly estimate: SecondsRange | null;
}

export function progress(node: string, time: number, said: JsonObject): EventLine {
  return {time: at(time), type: 'node_progress', node, label: `hpo ${node}`, progress: said};
}

export function trialEnded(ended: number, expected: number, best: number, took = 1): JsonObject {
  const one = {trial: ended - 1, state: 'complete', value: best, seconds: took, ended, expected, best};
  return {event: 'trial_ended', ...one};
}

export function epoch(number: number, of: number, loss: number): JsonObject {
  return {event: 'epoch', epoch: number, epochs: of, train_loss: loss, val_loss: loss, seconds: 1};
}

export function ended(
  node: string,
  time: number,
  more: {readonly rule?: 'hpo' | 'script'; readonly estimate?: SecondsRange; readonly took?: number} = {},
): EventLine {
  const {rule = 'hpo', estimate = null, took = 1} = more;
  const outcome = {at: 'done', how: 'ran'} as const;
  return {time: at(time), type: 'node_ended', node, label: `${rule} ${node}`, rule, outcome, duration_seconds: took, estimate};
}

export function viewOf(...lines: readonly EventLine[]): View {
  const view = emptyView();
  for (const line of lines) follow(view, line);
  return view;
}
