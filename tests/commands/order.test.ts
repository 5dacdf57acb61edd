// The reading commands list in the order of the file, whatever happened in which order; status adds up what is stale.
import {expect, test} from 'vitest';
import {forecast} from '../../src/build/verdicts.ts';
import {build} from '../../src/commands/build.ts';
import {graph} from '../../src/commands/graph.ts';
import {list} from '../../src/commands/list.ts';
import {openSession} from '../../src/commands/open.ts';
import {status} from '../../src/commands/status.ts';
import {why} from '../../src/commands/why.ts';
import type {Node} from '../../src/graph/node.ts';
import {neededFor} from '../../src/graph/order.ts';
import {tinyStudy, Workspace} from '../support/command-line.ts';
import {quietTerminal} from '../support/terminal.ts';

/** Each node has failed once, in this order. */
function workspaceWith(arrange: (nodes: readonly Node[]) => readonly Node[]): Workspace {
  const workspace = Workspace.forTest({'experiments.yaml': tinyStudy});
  const opened = openSession({directory: workspace.root});
  if (!opened.ok) throw new Error('it is a valid study');
  const {session} = opened.value;
  const order = neededFor(session.graph, session.graph.nodes);
  const forecasts = forecast(session, order);
  for (const node of arrange(order)) {
    const key = forecasts.get(node.id)!.verdict.key;
    const made = {node: node.id, key, at: 1000};
    session.store.record({...made, kind: 'began', attempt: 1, row: null});
    session.store.record({...made, kind: 'ended', durationMs: 10, status: 'failed', reason: 'signal', message: 'it was ended'});
  }
  return workspace;
}

async function saidIn(workspace: Workspace): Promise<readonly string[]> {
  const {terminal, said, errors} = quietTerminal();
  const at = {directory: workspace.root, targets: ['all'], only: [], except: [], json: true} as const;
  list({...at, scripts: false}, terminal);
  await status(at, terminal);
  await status({...at, json: false}, terminal);
  await why({...at, params: true}, terminal);
  await graph({...at, format: 'json', expand: true}, terminal);
  await build(
    {
      ...at,
      ...{dryRun: true, question: false, alwaysMake: false, failFast: false, level: 'normal', cold: false, waitMs: 0, yes: false, jobs: 2},
      askOverMs: 86_400_000,
    },
    terminal,
  );
  return [...said, ...errors];
}

test('list, status, why, graph and the plan say the same twice, and whatever the order of the journal', async () => {
  const workspace = workspaceWith((nodes) => nodes);
  const said = await saidIn(workspace);
  expect(said.length).toBeGreaterThan(5);
  expect(await saidIn(workspace)).toEqual(said);
  expect(await saidIn(workspaceWith((nodes) => nodes.toReversed()))).toEqual(said);
});

test('status adds up, by phase and budget and in all, what would run', async () => {
  const text = tinyStudy.replace(
    '3K: {params: 3K, estimate: {trial: 1s, training: 1s}}',
    '3K: {params: 3K, estimate: {trial: 1m, training: 1h}}',
  );
  const workspace = Workspace.forTest({'experiments.yaml': text});
  const {terminal, said} = quietTerminal();
  const options = {directory: workspace.root, targets: ['hpo', 'training'], only: [], except: []};
  await status({...options, json: true}, terminal);
  const plain = JSON.parse(said.join('')) as {
    price: {seconds: number; unknown: number};
    groups: {phase: string; budget: string; price: {seconds: number}}[];
  };
  // Two searches of two minutes, three trainings of an hour, a borrow of a tenth of a second.
  expect(plain.price).toMatchObject({seconds: expect.closeTo(240 + 3 * 3600 + 0.1), unknown: 0});
  expect(plain.groups.map(({phase, budget, price}) => [phase, budget, price.seconds])).toEqual([['tiny', '3K', plain.price.seconds]]);
  said.length = 0;
  await status({...options, json: false}, terminal);
  expect(said.at(-1)).toMatch(/^total +6 stale {2}about 3h 4m \(1h 32m to 6h 8m\)$/);
});
