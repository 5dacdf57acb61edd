// Makes the report, its figures and the runbooks out of how everything stands now.
import {projectPath} from '../base/ids.ts';
import type {Disk} from '../host/disk.ts';
import type {Node} from '../graph/node.ts';
import {renderReport} from '../results/report.ts';
import {renderRunbook} from '../results/runbook.ts';
import type {Outcome} from './events.ts';
import {gatherReport} from './report-input.ts';
import {recordDone, type Runner, type StaleVerdict} from './runner.ts';
import {showAll} from './verdicts.ts';

const figureFolder = 'figures';

export async function runReport(
  runner: Pick<Runner, 'session' | 'git'> & Partial<Pick<Runner, 'listen'>>,
  node: Node,
  verdict: StaleVerdict,
): Promise<Outcome> {
  const {session} = runner;
  const {study, disk} = session;
  const startedAt = session.clock.now();
  const since = session.clock.elapsed();
  const {commit} = await runner.git();
  const input = gatherReport(session, {key: verdict.key, commit, shown: showAll(session, node), figureDirectory: figureFolder});
  const {markdown, figures, findings} = await renderReport(input, templateOf(session.templates, 'report.md.hbs'));
  const runbooks = await Promise.all(
    study.phases.map((phase) => renderRunbook(study, phase, templateOf(session.templates, 'runbook.md.hbs'))),
  );
  session.store.record({kind: 'began', node: node.id, key: verdict.key, at: startedAt, attempt: 1, row: null});
  const folder = study.paths.report.includes('/') ? study.paths.report.slice(0, study.paths.report.lastIndexOf('/') + 1) : '';
  writeFigures(disk, `${folder}${figureFolder}`, figures);
  for (const [index, {name}] of study.phases.entries())
    disk.write(projectPath(`${study.paths.docs}/${name}_runbook.md`), runbooks[index] ?? '');
  disk.write(study.paths.report, markdown);
  const ms = session.clock.elapsed() - since;
  recordDone(runner, node, {key: verdict.key, manifest: verdict.manifest, durationMs: ms, ms});
  runner.listen?.({type: 'report_made', path: study.paths.report, findings});
  return {at: 'done', how: 'ran'};
}

// A figure that is no longer in the report goes: it would show results that are not current.
function writeFigures(disk: Disk, folder: string, figures: ReadonlyMap<string, string>): void {
  const present = disk.list(folder);
  for (const name of present === 'missing' ? [] : present)
    if (name.endsWith('.svg') && !figures.has(name)) disk.remove(`${folder}/${name}`);
  for (const [name, svg] of figures) disk.write(`${folder}/${name}`, svg);
}

function templateOf(templates: ReadonlyMap<string, string>, name: string): string {
  const text = templates.get(name);
  if (text === undefined) throw new Error(`unreachable: no template ${name}`);
  return text;
}
