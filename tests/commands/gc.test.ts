// `ftsbuild gc` in a workspace of several studies: what it looks at, what it says, what it prints as JSON.
import {expect, onTestFinished, test} from 'vitest';
import {key, nodeId, projectPath} from '../../src/base/ids.ts';
import {gc, type GcOptions} from '../../src/commands/gc.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {putEntry} from '../../src/state/cache.ts';
import {changed, tinyStudy, Workspace} from '../support/command-line.ts';
import {schemaProblems} from '../support/schemas.ts';
import {quietTerminal} from '../support/terminal.ts';

const best = 'hpo/tiny_3K_h3_up1/best_params.json';
const study = `${tinyStudy}profiles: {smoke: {hpo: {trials: 1}}}\n`;

/** A workspace with superseded results of these nodes, and something kept aside. */
function workspaceWith(nodes: readonly string[], files: Readonly<Record<string, string>>): Workspace {
  const workspace = new Workspace(files);
  onTestFinished(() => workspace.discard());
  const disk = workspaceDisk(workspace.root);
  for (const [place, node] of nodes.entries()) {
    const path = projectPath(node.slice(0, node.lastIndexOf('/')));
    workspace.write(node, '{}');
    const described = {key: key(String(place).repeat(64)), node: nodeId(node), rule: 'hpo', label: node, path};
    putEntry(disk, {...described, holds: 'complete', reason: null, trace: null, ended: null, spentMs: 0}, 0);
  }
  workspace.write('.ftsbuild/kept/edited-1/note', 'by hand');
  return workspace;
}

async function collect(
  workspace: Workspace,
  options: Partial<GcOptions> = {},
): Promise<{said: string[]; errors: string[]; status: number}> {
  const {terminal, said, errors} = quietTerminal();
  const flags = {maxBytes: 0, olderThanMs: undefined, dryRun: false, yes: true, json: false};
  const status = await gc({directory: workspace.root, ...flags, ...options}, terminal);
  return {said, errors, status};
}

function left(workspace: Workspace): readonly string[] {
  const entries = Object.keys(workspace.listing()).filter((path) => /^\.ftsbuild\/cache\/.*entry\.json$/u.test(path));
  return entries.map((path) => String(workspace.json(path)['label']));
}

test('what any study in configs/ may need stays, plain and under each profile, whichever study is named', async () => {
  const needed = [`outputs/${best}`, `outputs/smoke/${best}`, `outputs/other/${best}`, `outputs/other-smoke/${best}`];
  for (const file of [undefined, 'configs/other.yaml']) {
    const workspace = workspaceWith([...needed, 'outputs/hpo/gone/best_params.json'], {
      'experiments.yaml': study,
      'configs/other.yaml': study,
    });
    const {said, status} = await collect(workspace, {file});
    expect(status).toBe(0);
    expect(left(workspace)).toEqual(needed);
    expect(said.at(-1)).toMatch(/^removed 2, /);
    expect(workspace.has('.ftsbuild/kept/edited-1')).toBe(false);
  }
});

test('while a study does not load, no result goes, and the reason is said', async () => {
  const workspace = workspaceWith(['outputs/hpo/gone/best_params.json'], {'experiments.yaml': study, 'configs/other.yaml': 'version: 1\n'});
  const {said} = await collect(workspace);
  expect(said.join('\n')).toMatch(
    /configs\/other\.yaml does not load \(FTS\d+: .*\), so what it needs is not known: until it does, no result and no trial/,
  );
  expect(left(workspace)).toEqual(['outputs/hpo/gone/best_params.json']);
  expect(workspace.has('.ftsbuild/kept/edited-1')).toBe(false);
});

test('a file that a study includes need not be one itself', async () => {
  const [part, rest] = ['budgets:\n  3K: {params: 3K, estimate: {trial: 1s, training: 1s}}\n', 'include: configs/budgets.yaml\n'];
  const text = changed(study, part, rest);
  const workspace = workspaceWith(['outputs/hpo/gone/best_params.json'], {'experiments.yaml': text, 'configs/budgets.yaml': part});
  const {said} = await collect(workspace);
  expect(said.join('\n')).not.toContain('does not load');
  expect(left(workspace)).toEqual([]);
});

test('a dry run shows how much each kind takes, and removes nothing', async () => {
  const workspace = workspaceWith(['outputs/hpo/gone/best_params.json'], {'experiments.yaml': study});
  workspace.write(`.ftsbuild/trials/${'a'.repeat(64)}/one.json`, 'the result of a trial');
  const before = workspace.listing();
  const {said} = await collect(workspace, {dryRun: true, maxBytes: undefined});
  for (const text of ['superseded results: 2 B', 'results of trials: 21 B', 'kept aside: 7 B']) expect(said.join('\n')).toContain(text);
  expect(workspace.listing()).toEqual(before);
});

test('as JSON it prints what its schema says, asks nobody, and removes with --yes only', async () => {
  const workspace = workspaceWith(['outputs/hpo/gone/best_params.json'], {'experiments.yaml': study, 'configs/other.yaml': 'version: 1\n'});
  for (const [yes, removed] of [
    [false, 0],
    [true, 1],
  ] as const) {
    const {said} = await collect(workspace, {json: true, yes});
    const told = JSON.parse(said.join('\n')) as {totals: object; unreadable: object};
    expect(schemaProblems('gc', told)).toEqual([]);
    expect(told).toMatchObject({totals: {remove: {count: 1}, needed: {count: 1}, removed: {count: removed}}});
    expect(told.unreadable).toMatchObject([{file: 'configs/other.yaml', profile: null}]);
  }
});

test('`--max-size 0` takes all that nobody needs, and leaves no empty folder', async () => {
  const workspace = workspaceWith(['outputs/hpo/gone/best_params.json'], {'experiments.yaml': study});
  expect((await workspace.ftsbuild(['gc', '--max-size', '0', '--yes'])).status).toBe(0);
  expect(workspaceDisk(workspace.root).list('.ftsbuild/cache')).toEqual([]);
});
