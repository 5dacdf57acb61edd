// `ftsbuild` alone: where one is, how the study stands, and what comes next. Builds nothing.
import {relative} from 'node:path';
import {lookWith} from '../build/conditions.ts';
import {forecast} from '../build/verdicts.ts';
import {neededFor} from '../graph/order.ts';
import {describeHere, type Here} from '../ui/here.ts';
import {describeHolder} from '../ui/running.ts';
import {refuse} from './build.ts';
import {exitCode} from './exit-codes.ts';
import {openSession, type OpenOptions} from './open.ts';
import {findRunning, standingsOf} from './status.ts';
import type {Terminal} from './terminal.ts';

export async function here(options: OpenOptions, terminal: Terminal): Promise<number> {
  const opened = openSession(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session, profiles} = opened.value;
  const {study, graph, disk, clock} = session;
  const forecasts = await lookWith(session.conditions, () => forecast(session, neededFor(graph, graph.nodes)));
  const {holder, view} = findRunning(session);
  const {paint, screen} = terminal;
  const shown = {now: clock.now(), paint, unicode: screen?.unicode ?? false, columns: screen?.columns() ?? 120};
  const what: Here = {
    project: study.project,
    place: placeOf(disk.root),
    file: study.file,
    profile: study.profile,
    profiles,
    experiments: study.experiments.length,
    phases: study.phases.map(({name}) => name),
    report: disk.stat(study.paths.report) === 'missing' ? undefined : study.paths.report,
    isRunning: holder !== undefined,
    all: standingsOf(session, graph.nodes, {forecasts, view}),
  };
  const lines = describeHere(what, holder === undefined ? [] : describeHolder(holder, view, shown), paint);
  for (const line of lines) terminal.print(line);
  return exitCode.done;
}

function placeOf(root: string): string {
  return relative(process.cwd(), root) === '' ? 'this folder' : root;
}
