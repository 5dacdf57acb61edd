// Makes the report, its figures and the runbooks out of how everything stands now.
import {projectPath, type ProjectPath} from '../base/ids.ts';
import {figureFolder, figuresOf} from '../config/paths.ts';
import type {Disk} from '../host/disk.ts';
import type {Node} from '../graph/node.ts';
import {renderReport} from '../results/report.ts';
import {renderRunbook} from '../results/runbook.ts';
import type {Standing} from '../state/trace.ts';
import type {Outcome} from './events.ts';
import {removeOutput, replaceOutput} from './give-way.ts';
import {gatherReport} from './report-input.ts';
import {recordDone, type Mover, type Runner, type StaleVerdict} from './runner.ts';
import {showAll} from './verdicts.ts';

export async function runReport(runner: Pick<Runner, 'session' | 'git' | 'listen'>, node: Node, verdict: StaleVerdict): Promise<Outcome> {
  const {session, listen} = runner;
  const {study} = session;
  const startedAt = session.clock.now();
  const since = session.clock.elapsed();
  const {commit} = await runner.git();
  const input = gatherReport(session, {key: verdict.key, commit, shown: showAll(session, node), figureDirectory: figureFolder});
  const {markdown, figures, findings} = await renderReport(input, templateOf(session.templates, 'report.md.hbs'));
  const runbooks = await Promise.all(
    study.phases.map((phase) => renderRunbook(study, phase, templateOf(session.templates, 'runbook.md.hbs'))),
  );
  session.store.record({kind: 'began', node: node.id, key: verdict.key, at: startedAt, attempt: 1, row: null});
  const mover = {session, listen};
  const sides = writeFigures(mover, node, figures);
  for (const [index, {name}] of study.phases.entries())
    replaceOutput(mover, node, projectPath(`${study.paths.docs}/${name}_runbook.md`), runbooks[index] ?? '');
  replaceOutput(mover, node, study.paths.report, markdown);
  const ms = session.clock.elapsed() - since;
  recordDone({session}, node, {key: verdict.key, manifest: verdict.manifest, durationMs: ms, ms, sides});
  listen({type: 'report_made', path: study.paths.report, findings});
  return {at: 'done', how: 'ran'};
}

// A figure that is no longer in the report goes: it would show results that are not current. Other pictures in that folder are a person's.
function writeFigures(mover: Mover, node: Node, figures: ReadonlyMap<string, string>): readonly ProjectPath[] {
  const {disk, study, store} = mover.session;
  const folder = figuresOf(study.paths.report);
  const written = [...figures].map(([name, svg]) => ({path: projectPath(`${folder}/${name}`), svg}));
  for (const path of formerFigures(disk, folder, store.standingOf(node.id)))
    if (!written.some((figure) => figure.path === path)) removeOutput(mover, node, path);
  for (const {path, svg} of written) replaceOutput(mover, node, path, svg);
  return written.map(({path}) => path);
}

// Earlier versions did not record which they were: all pictures there.
function formerFigures(disk: Disk, folder: string, {lastTrace}: Standing): readonly ProjectPath[] {
  if (lastTrace === undefined) return [];
  if (lastTrace.sides !== undefined) return lastTrace.sides.map(([path]) => path);
  const names = disk.list(folder);
  return (names === 'missing' ? [] : names).filter((name) => name.endsWith('.svg')).map((name) => projectPath(`${folder}/${name}`));
}

function templateOf(templates: ReadonlyMap<string, string>, name: string): string {
  const text = templates.get(name);
  if (text === undefined) throw new Error(`unreachable: no template ${name}`);
  return text;
}
