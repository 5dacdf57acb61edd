// Studies as graphs: the repository's own ones or a text, with the real tiers, templates and requirements. Nothing is written.
import {readFileSync, readdirSync} from 'node:fs';
import {loadStudy} from '../../src/config/load.ts';
import type {Study} from '../../src/config/study.ts';
import {parseTiers} from '../../src/config/tiers.ts';
import type {Graph} from '../../src/graph/graph.ts';
import type {Node} from '../../src/graph/node.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import type {RuleContext} from '../../src/rules/context.ts';
import {graphOf} from '../../src/rules/nodes.ts';
import type {Result} from '../../src/base/result.ts';
import {repositoryRoot} from './python-interpreter.ts';

export interface Loaded {
  readonly study: Study;
  readonly context: RuleContext;
  readonly graph: Graph;
}

export function repositoryText(path: string): string {
  return readFileSync(`${repositoryRoot}/${path}`, 'utf8');
}

/** A study of the repository, by its file. */
export function repositoryStudy(file: string, profile?: string): Loaded {
  return loadFrom(repositoryText, file, profile);
}

/** A study given as text, as if it were an `experiments.yaml`. */
export function studyFromText(text: string): Loaded {
  return loadFrom(() => text, 'experiments.yaml');
}

export function nodeOf({graph}: Pick<Loaded, 'graph'>, path: string): Node {
  const node = graph.nodes.find(({outputs}) => outputs.some((output) => output.path === path));
  if (node === undefined) throw new Error(`no node makes ${path}`);
  return node;
}

/** What work inside the engine would write, without writing it: path -> text. */
export async function performed(node: Node, files: Readonly<Record<string, string>> = {}): Promise<Record<string, string>> {
  if (node.work.kind !== 'internal') throw new Error(`${node.label} is no work inside the engine`);
  const disk = memoryDisk(files);
  const rendered = valueOf(await node.work.perform({readText: (path) => disk.readText(path)}));
  return Object.fromEntries(rendered.files.map(({path, text}) => [path, text]));
}

function loadFrom(readText: (path: string) => string, file: string, profile?: string): Loaded {
  const tiers = valueOf(parseTiers(repositoryText('python/fts/data/tiers.json')));
  const {study} = valueOf(loadStudy({readText}, {file, tiers, cores: 2, ...(profile === undefined ? {} : {profile})}));
  const names = readdirSync(`${repositoryRoot}/templates`).filter((name) => name.endsWith('.hbs'));
  const templates = new Map(names.map((name) => [name, repositoryText(`templates/${name}`)]));
  const requirements = {file: 'python/requirements.lock', text: repositoryText('python/requirements.lock')};
  const context = {study, templates, requirements, hasAccelerator: true};
  return {study, context, graph: valueOf(graphOf(context))};
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.map(({message}) => message).join('; '));
  return result.value;
}
