// How a running build is told to somebody who looks on: as lines, and as JSON (schemas/status.schema.json, `running`).
import type {Holder} from '../state/lock.ts';
import {describeSince} from './busy.ts';
import {frame, type FrameOptions} from './frame.ts';
import {elapsedMs, timeLeft, workedMs, type RunningNode, type View} from './view.ts';

/** `view` is undefined where the holder builds nothing, or has only begun. */
export function describeHolder(
  holder: Holder,
  view: View | undefined,
  options: FrameOptions & {readonly columns: number},
): readonly string[] {
  const {pid, host, since, command} = holder;
  const head = `running: ftsbuild ${command} (process ${String(pid)} on ${host}, since ${describeSince(since)})`;
  return view === undefined ? [head, ''] : [head, ...frame(view, {columns: options.columns, rows: Number.POSITIVE_INFINITY}, options), ''];
}

export function plainHolder(holder: Holder, view: View | undefined, now: number): object {
  const {pid, host, since, command} = holder;
  return {pid, host, since: new Date(since).toISOString(), command, build: view === undefined ? null : plainView(view, now)};
}

function plainView(view: View, now: number): object {
  const {wanted, settled, failed, blocked, paused, temperature} = view;
  const left = timeLeft(view, now);
  return {
    ...{wanted, settled, failed, blocked, elapsed_seconds: elapsedMs(view, now) / 1000, left: left ?? null},
    temperature:
      temperature === undefined
        ? null
        : {celsius: temperature.celsius, pressure: temperature.pressure, state: temperature.state, source: temperature.source},
    paused: paused === undefined ? null : {by: paused.by, why: paused.why, since: new Date(paused.since).toISOString()},
    nodes: [...view.running].map(([node, running]) => plainRunning(view, {node, running}, now)),
    held: [...view.held].map(([node, {label, why}]) => ({node, label, why})),
  };
}

function plainRunning(view: View, {node, running}: {readonly node: string; readonly running: RunningNode}, now: number): object {
  const {label, attempt, trials, epochs, best, step} = running;
  return {
    ...{node, label, attempt, step: step ?? null, best: best ?? null, seconds: workedMs(view, running, now) / 1000},
    trials: trials === undefined ? null : {ended: trials.ended, expected: trials.expected},
    epochs: epochs === undefined ? null : {epoch: epochs.epoch, of: epochs.epochs},
  };
}
