// Renders all that a study's templates make, in memory: scripts, READMEs, runbooks, the report. Writes nothing.
import {problem, type Diagnostic, type Span} from '../base/diagnostic.ts';
import type {Node} from '../graph/node.ts';
import {TemplateError} from '../results/template.ts';
import {gatherReport} from './report-input.ts';
import type {Session} from './session.ts';
import {showAll, type Forecast} from './verdicts.ts';
import {projectPath, type NodeId} from '../base/ids.ts';

export interface RenderedScript {
  readonly path: string;
  /** Name of the template's file. */
  readonly template: string;
  readonly source: string;
}

export interface RenderedAll {
  readonly scripts: readonly RenderedScript[];
  /** One for each template, however many files it makes. */
  readonly problems: readonly Diagnostic[];
}

export async function renderAll(session: Session, forecasts: ReadonlyMap<NodeId, Forecast>): Promise<RenderedAll> {
  const broken = new Map<string, TemplateError>();
  const attempt = async <T>(template: string, render: () => Promise<T>): Promise<T | undefined> => {
    if (broken.has(template)) return undefined;
    try {
      return await render();
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      broken.set(template, error);
      return undefined;
    }
  };
  const scripts: RenderedScript[] = [];
  for (const node of session.graph.nodes) {
    if (node.rule !== 'script') continue;
    const template = templateOf(node);
    scripts.push(...((await attempt(template, () => renderScript(node, template, session))) ?? []));
  }
  const {renderRunbook} = await import('../results/runbook.ts');
  for (const phase of session.study.phases)
    await attempt('runbook.md.hbs', () => renderRunbook(session.study, phase, textOf(session, 'runbook.md.hbs')));
  await attempt('report.md.hbs', () => renderReportNow(session, forecasts));
  const problems = [...broken].map(([template, error]) =>
    problem('FTS502', `the template ${template} cannot be rendered: ${error.message}`, {
      ...spanOf(session, template, error),
      help: template.endsWith('.py.hbs')
        ? 'Correct the template; a script may use the names that templates/hpo.py.hbs and train.py.hbs use.'
        : `Correct the template; it may use the names that the program's own ${template} uses.`,
    }),
  );
  return {scripts, problems};
}

// The program's own templates are no files of the workspace.
function spanOf({disk}: Session, template: string, {place}: TemplateError): {span?: Span} {
  const file = `templates/${template}`;
  const before = disk.readText(projectPath(file))?.split('\n').slice(0, place?.line);
  if (place === undefined || before === undefined) return {};
  const {line, column} = place;
  const last = before.at(-1) ?? '';
  const offset = before.slice(0, -1).reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
  return {span: {file, offset, length: Math.max(0, last.trimEnd().length - column + 1), line, column}};
}

async function renderScript({work}: Node, template: string, {disk}: Session): Promise<readonly RenderedScript[]> {
  if (work.kind !== 'internal') throw new Error('unreachable: scripts are rendered by the engine');
  const rendered = await work.perform({readText: (path) => disk.readText(path)});
  if (!rendered.ok) throw new Error('unreachable: a script rests on the study alone');
  const {files, holds} = rendered.value;
  return holds === 'python' ? files.map(({path, text}) => ({path, template, source: text})) : [];
}

async function renderReportNow(session: Session, forecasts: ReadonlyMap<NodeId, Forecast>): Promise<void> {
  const node = session.graph.nodes.find(({rule}) => rule === 'report');
  if (node === undefined) return;
  const {renderReport} = await import('../results/report.ts');
  const key = forecasts.get(node.id)?.verdict.key ?? '';
  const input = gatherReport(session, {key, commit: null, shown: showAll(session, node, forecasts), figureDirectory: 'figures'});
  await renderReport(input, textOf(session, 'report.md.hbs'));
}

/** The template that a script is rendered from: it is among the parameters of its key. */
function templateOf(node: Node): string {
  const name = [...node.params.keys()].find((param) => param.startsWith('template '));
  if (name === undefined) throw new Error(`unreachable: ${node.label} has no template`);
  return name.slice('template '.length);
}

function textOf({templates}: Session, name: string): string {
  const text = templates.get(name);
  if (text === undefined) throw new Error(`unreachable: no template ${name}`);
  return text;
}
