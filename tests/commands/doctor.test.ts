// The checkup of a machine: what is fine, what is a warning, and what makes a build impossible.
import {expect, test} from 'vitest';
import {doctor} from '../../src/commands/doctor.ts';
import {machineProcesses} from '../../src/host/processes.ts';
import {changed, tinyStudy, Workspace} from '../support/command-line.ts';
import {schemaProblems} from '../support/schemas.ts';
import {quietTerminal} from '../support/terminal.ts';

interface Told {
  readonly status: number;
  /** State and text of each check, by its name. */
  readonly checks: Readonly<Record<string, readonly [string, string]>>;
  readonly sensors: readonly {readonly sensor: string; readonly celsius: number | null}[];
}

async function examine(workspace: Workspace): Promise<Told> {
  const {terminal, said} = quietTerminal();
  const status = await doctor({directory: workspace.root, json: true}, terminal);
  const value = JSON.parse(said.join('\n'));
  expect(schemaProblems('doctor', value)).toEqual([]);
  expect(value.can_build).toBe(status === 0);
  const checks = value.checks as {name: string; state: string; text: string}[];
  return {status, checks: Object.fromEntries(checks.map(({name, state, text}) => [name, [state, text]])), sensors: value.sensors};
}

test('a folder without a study is examined all the same, and nothing is written', async () => {
  const workspace = Workspace.forTest();
  const {status, checks} = await examine(workspace);
  expect(status).toBe(0);
  expect(checks['study']).toEqual(['warn', expect.stringContaining('no experiments.yaml')]);
  expect(checks['git']?.[0]).toBe('warn');
  expect(workspace.listing()).toEqual({});
});

test('a sound study with a sensor of its own: what it has, and the temperature with its source', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': `${tinyStudy}thermal: {sensor: 'file:heat.txt'}\n`, 'heat.txt': '61.5\n'});
  const {status, checks, sensors} = await examine(workspace);
  expect(status).toBe(0);
  expect(checks['study']).toEqual(['ok', 'experiments.yaml: 3 experiments']);
  expect(checks['python']?.[0]).toBe('ok');
  expect(checks['temperature']).toEqual(['ok', '61.5 C (file heat.txt)']);
  expect(sensors).toMatchObject([{sensor: 'file heat.txt', celsius: 61.5}]);
});

test.each([
  ['no reading where the study refuses to go on without one', "thermal: {sensor: 'file:none', unknown: refuse}\n", 'temperature'],
  ['less free disk than the gate wants', 'gates: {disk: 900TB}\n', 'disk'],
  ['a file that cannot be read', 'no_such_key: 1\n', 'study'],
])('%s makes a build impossible', async (_what, text, name) => {
  const {status, checks} = await examine(Workspace.forTest({'experiments.yaml': `${tinyStudy}${text}`}));
  expect(status).toBe(3);
  expect(Object.entries(checks).flatMap(([check, [state]]) => (state === 'missing' ? [check] : []))).toEqual([name]);
});

test('a named Python that is not there, or lacks packages, makes a build impossible', async () => {
  const named = (path: string): Workspace =>
    Workspace.forTest({'experiments.yaml': changed(tinyStudy, /interpreter: (.*)\}/u.exec(tinyStudy)?.[1] ?? '', path)});
  expect((await examine(named('/no/such/python'))).checks['python']).toEqual([
    'missing',
    expect.stringContaining('/no/such/python not found'),
  ]);
  const bare = await examine(named('/usr/bin/env'));
  expect(bare.status).toBe(3);
  expect(bare.checks['python']?.[0]).toBe('missing');
});

test('a build that runs in the workspace is named, and is no fault', async () => {
  const processes = machineProcesses();
  const holder = {host: processes.host, pid: process.pid, start: processes.startOf(process.pid), since: 0, command: 'all', token: 'x'};
  const workspace = Workspace.forTest({'.ftsbuild/lock': `${JSON.stringify(holder)}\n`});
  const {status, checks} = await examine(workspace);
  expect(status).toBe(0);
  expect(checks['lock']).toEqual(['warn', expect.stringContaining(`process ${String(process.pid)}`)]);
});

test('for a person each check is a line that begins with its state, and every sensor that was tried is told', async () => {
  const {terminal, said} = quietTerminal();
  await doctor({directory: Workspace.forTest().root, json: false}, terminal);
  const checks = said.slice(0, said.indexOf(''));
  expect(checks.every((line) => /^(ok {5}|warn {3}|missing) {2}[a-z]+ +\S/u.test(line))).toBe(true);
  expect(checks).toHaveLength(11);
  expect(said).toContain('Sensors tried:');
});
