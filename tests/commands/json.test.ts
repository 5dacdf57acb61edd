// What the reading commands print as JSON, held against the published schemas.
import {expect, test} from 'vitest';
import {build} from '../../src/commands/build.ts';
import {list} from '../../src/commands/list.ts';
import {status} from '../../src/commands/status.ts';
import {why} from '../../src/commands/why.ts';
import {systemClock} from '../../src/host/clock.ts';
import {machineProcesses} from '../../src/host/processes.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {acquire} from '../../src/state/lock.ts';
import {openStream} from '../../src/ui/ndjson.ts';
import {tinyStudy, Workspace} from '../support/command-line.ts';
import {schemaProblems} from '../support/schemas.ts';
import {progress, run, started, trialEnded} from '../support/streams.ts';
import {quietTerminal} from '../support/terminal.ts';

function at(workspace: Workspace): {directory: string; targets: string[]; only: []; except: []; json: true} {
  return {directory: workspace.root, targets: ['all'], only: [], except: [], json: true};
}

const wholeBuild = {
  ...{dryRun: true, question: false, alwaysMake: false, failFast: false, level: 'normal' as const, cold: false, waitMs: 0, yes: false},
  askOverMs: 86_400_000,
} as const;

test('why, status, list and a dry run print what their schemas say', async () => {
  const workspace = new Workspace({'experiments.yaml': tinyStudy});
  const {terminal, said} = quietTerminal();
  expect(await why({...at(workspace), params: true}, terminal)).toBe(0);
  expect(await status(at(workspace), terminal)).toBe(0);
  expect(list({...at(workspace), scripts: false}, terminal)).toBe(0);
  expect(await build({...at(workspace), ...wholeBuild}, terminal)).toBe(0);
  for (const [place, name] of ['why', 'status', 'list', 'plan'].entries())
    expect([name, schemaProblems(name, JSON.parse(said[place] ?? 'null'))]).toEqual([name, []]);
  expect(Object.keys(workspace.listing())).toEqual(['experiments.yaml']);
});

test('--max-hours refuses a plan that costs more, with the figures, and nothing is written', async () => {
  const text = tinyStudy.replace(
    '3K: {params: 3K, estimate: {trial: 1s, training: 1s}}',
    '3K: {params: 3K, estimate: {trial: 2h, training: 1h}}',
  );
  const workspace = new Workspace({'experiments.yaml': text});
  const {terminal, errors} = quietTerminal();
  const options = {...at(workspace), ...wholeBuild, json: false, dryRun: false, maxHours: 10};
  expect(await build(options, terminal)).toBe(3);
  expect(errors.join()).toMatch(/estimated at 11h.* of compute \(5h 30m.* to 22h.*\), more than --max-hours 10/);
  expect(Object.keys(workspace.listing())).toEqual(['experiments.yaml']);
});

test('a step without an estimate is over every limit: --max-hours refuses it, the plan says at least, and without a terminal nobody says yes', async () => {
  const workspace = new Workspace({'experiments.yaml': tinyStudy.replace(', estimate: {trial: 1s, training: 1s}', '')});
  const {terminal, said, errors} = quietTerminal();
  const plan = {...at(workspace), ...wholeBuild, json: false};
  expect(await build({...plan, dryRun: true}, terminal)).toBe(0);
  expect(said.join('\n')).toMatch(/one after the other at least .*, and 5 without an estimate\n.* at least .*, and 5 without an estimate/);
  expect(said.join('\n')).toContain('5 without an estimate: ask before they run (--yes, --ask-over)');
  expect(await build({...plan, dryRun: false, maxHours: 1e6}, terminal)).toBe(3);
  expect(errors.join()).toMatch(
    /estimated at no less than .*, and 5 nodes without an estimate; nobody knows whether that is within --max-hours/,
  );
  expect(Object.keys(workspace.listing())).toEqual(['experiments.yaml']);
});

test('status tells of a build that runs meanwhile, from its lock and its event stream, and touches neither', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': tinyStudy});
  const disk = workspaceDisk(workspace.root);
  const processes = machineProcesses();
  acquire({disk, clock: systemClock, processes, path: '.ftsbuild/lock', command: 'all -j 2'});
  const {terminal, said} = quietTerminal();
  expect(await status({...at(workspace), json: false}, terminal)).toBe(0);
  expect(said[0]).toMatch(/^running: ftsbuild all -j 2 \(process \d+ on .*, since .*Z\)$/);
  const now = new Date().toISOString();
  const write = openStream(disk, {...run(null, now), pid: processes.ownPid, host: processes.host});
  write({time: now, type: 'build_started', wanted: 15});
  write({...started('outputs/hpo/x/best_params.json'), time: now});
  write({...progress('outputs/hpo/x/best_params.json', 0, trialEnded(3, 8, 0.25)), time: now});
  write({time: now, type: 'paused', by: 'heat', why: '86 C'});
  write({time: now, type: 'node_held', node: 'y', label: 'hpo y', why: 'its canary runs'});
  write({time: now, type: 'temperature', state: 'warning', celsius: 86, pressure: null, source: 'hwmon', why: null});
  const before = workspace.listing();
  said.length = 0;
  expect(await status({...at(workspace), json: false}, terminal)).toBe(0);
  expect(said.slice(1, 6).join('\n')).toMatch(
    /^0 of 15 done {2}elapsed .* {2}86 C warning\n {2}hpo outputs\/hpo\/x\/best_params.json {2}trial 4 of 8, best 0.2500, .*\npaused for .*: 86 C\nheld: hpo y: its canary runs\n$/,
  );
  said.length = 0;
  expect(await status(at(workspace), terminal)).toBe(0);
  const shown = JSON.parse(said.join('')) as {running: {build: {nodes: unknown[]}}};
  expect(schemaProblems('status', shown)).toEqual([]);
  expect(shown.running).toMatchObject({
    command: 'all -j 2',
    build: {
      ...{wanted: 15, settled: 0, left: null, paused: {by: 'heat'}, temperature: {celsius: 86}},
      nodes: [{label: 'hpo outputs/hpo/x/best_params.json', trials: {ended: 3, expected: 8}, best: 0.25}],
      held: [{label: 'hpo y', why: 'its canary runs'}],
    },
  });
  expect(workspace.listing()).toEqual(before);
});

test('status says nothing of a build that died', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': tinyStudy});
  const gone = {...machineProcesses(), startOf: () => 'before'};
  acquire({disk: workspaceDisk(workspace.root), clock: systemClock, processes: gone, path: '.ftsbuild/lock', command: 'all'});
  const {terminal, said} = quietTerminal();
  expect(await status(at(workspace), terminal)).toBe(0);
  expect(JSON.parse(said.join(''))).toMatchObject({running: null});
});

test('a small plan is refused in the units that it is in, and the help says what the threshold is', async () => {
  const text = tinyStudy;
  const workspace = Workspace.forTest({'experiments.yaml': text});
  const {terminal, errors} = quietTerminal();
  await build({...at(workspace), ...wholeBuild, json: false, maxHours: 0.0001}, terminal);
  expect(errors.join()).toMatch(/estimated at [\dms ]+ of compute \([\dms ]+ to [\dms ]+\)/);
  expect((await workspace.ftsbuild(['--help'])).out).toContain('(default: 24h)');
});
