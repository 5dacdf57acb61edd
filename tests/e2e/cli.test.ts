// The command line from outside: what it says, what it exits with, and that a refusal leaves nothing behind.
import {spawnSync} from 'node:child_process';
import {hostname} from 'node:os';
import {describe, expect, test} from 'vitest';
import {systemClock} from '../../src/host/clock.ts';
import {machineProcesses} from '../../src/host/processes.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {acquire} from '../../src/state/lock.ts';
import manifest from '../../package.json' with {type: 'json'};
import {Workspace, changed, tinyStudy} from '../support/command-line.ts';

function tiny(text = tinyStudy): Workspace {
  return Workspace.forTest({'experiments.yaml': text});
}

/** Prices as a study of one's own would have them: `edit` changes the text of a row. */
function csv(rows: number, edit: (cells: string[], row: number) => string[] = (cells) => cells): string {
  const header = edit(['Date', 'Open', 'High', 'Low', 'Close', 'Volume'], -1).join(',');
  const day = (row: number): string => new Date(Date.UTC(2020, 0, 1 + row)).toISOString().slice(0, 10);
  const lines = Array.from({length: rows}, (_, row) => {
    const close = 100 + 10 * Math.sin(row / 9) + row / 50;
    const prices = [close - 0.5, close + 1 + (row % 5), close - 1.5, close].map((price) => price.toFixed(4));
    return edit([day(row), ...prices, String(1000 + ((row * 37) % 400))], row).join(',');
  });
  return `${[header, ...lines].join('\n')}\n`;
}

describe('an error that nobody expected', () => {
  // A machine on which the program cannot even ask where it stands, at once or later.
  const broken = (when: string): string => `--import=data:text/javascript,${encodeURIComponent(when)}`;

  test.each([
    ['where the program waits for it', 'process.cwd = () => { throw new Error("no folder\\nat all"); };'],
    ['beside its work', 'setTimeout(() => { process.cwd = () => ""; Promise.reject(new Error("no folder\\nat all")); }, 1500);'],
  ])('ends the program with one line and a file of details, %s', async (_, when) => {
    const workspace = tiny();
    const temporary = Workspace.forTest();
    const environment = {NODE_OPTIONS: broken(when), TMPDIR: temporary.root};
    const {status, err} = await workspace.ftsbuild(['watch', 'scripts'], {environment});
    expect(status).toBe(1);
    const [, file = ''] = /^ftsbuild: internal error: no folder\n {2}details: (.+)\n$/.exec(err) ?? [];
    const details = temporary.read(file.slice(temporary.root.length + 1));
    expect(details).toContain('watch scripts\nError: no folder\nat all\n    at ');
  });
});

describe('usage', () => {
  test('--version prints the version', async () => {
    expect(await Workspace.forTest().ftsbuild(['--version'])).toEqual({status: 0, out: `${manifest.version}\n`, err: ''});
  });

  test('without a word nothing is built: where one is, how the study stands, and what comes next are said', async () => {
    const workspace = tiny();
    const {status, out, err} = await workspace.ftsbuild([]);
    expect([status, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^ftsbuild: experiments\.yaml in this folder\n3 experiments in 1 phase \(tiny\); 15 targets: 15 stale\n\nNext:\n {2}ftsbuild all --dry-run /,
    );
    expect(out).toContain('ftsbuild help');
    expect(Object.keys(workspace.listing())).toEqual(['experiments.yaml']);
  });

  test('help prints the help of the program, or of a command', async () => {
    const workspace = Workspace.forTest();
    const [all, one, wrong] = [
      await workspace.ftsbuild(['help']),
      await workspace.ftsbuild(['help', 'why']),
      await workspace.ftsbuild(['help', 'statsu']),
    ];
    expect([all.status, one.status, wrong.status]).toEqual([0, 0, 2]);
    expect(all.out).toContain('Usage: ftsbuild [options]');
    expect(one.out).toContain('Usage: ftsbuild why');
    expect(wrong.err).toContain('did you mean status');
  });

  test('a folder without a study is told so', async () => {
    const {status, err} = await Workspace.forTest().ftsbuild(['all']);
    expect(status).toBe(2);
    expect(err).toContain('there is no experiments.yaml here or in a folder above');
  });

  test.each([
    [['--dry-rum', 'all'], "unknown option '--dry-rum'", 'Did you mean --dry-run?'],
    [['status', '--jason'], "unknown option '--jason'", 'Did you mean --json?'],
    [['-n', 'status'], "option '-n, --dry-run' is one of a build, not of status", ''],
    [['adopt', 'hpo'], "required option '--reason <text>' not specified", ''],
    [['invalidate', 'hpo', '--reason', ' '], 'It takes a reason', ''],
    [['init', '--project', ' '], 'It takes a name', ''],
    [['gc', '--max-size', 'ten'], 'a size such as 10GB', ''],
    [['-t', '-n', 'all'], "'-t, --touch' cannot be used with option '-n, --dry-run'", ''],
    [['-j', '0', 'all'], 'a whole number from 1', ''],
    [['--wait=3x', 'all'], 'a duration such as 30m or 2h', ''],
    [['tiny_3K_h3_up4'], 'nothing is called "tiny_3K_h3_up4"', 'did you mean tiny_3K_h3_up1'],
    [['-n'], "option '-n, --dry-run' goes with a target: ftsbuild all -n", ''],
    [['run', 'all'], 'nothing is called "run"', 'a build has no verb: `ftsbuild all`'],
    [['dry-run'], 'nothing is called "dry-run"', '`ftsbuild all --dry-run`'],
    [['traning'], 'nothing is called "traning"', 'did you mean training?'],
    [['staus'], 'nothing is called "staus"', 'did you mean status'],
    [['all', '--only', 'budgt=3K'], 'there is no dimension "budgt"', 'did you mean budget?'],
    [['-f', 'nowhere.yaml', 'all'], 'there is no file nowhere.yaml', '-f'],
    [['-C', 'nowhere', 'all'], 'there is no folder nowhere', ''],
    [['--profile', 'smoke', 'all'], 'smoke', 'profile'],
  ])('%j is wrong usage, and nothing is written', async (words, message, help) => {
    const workspace = tiny();
    const {status, err} = await workspace.ftsbuild(words);
    expect(status).toBe(2);
    expect(err).toContain(message);
    expect(err).toContain(help);
    expect(Object.keys(workspace.listing())).toEqual(['experiments.yaml']);
  });
});

describe('a wrong configuration', () => {
  test('what cannot be read, or is too large, is shown by its file', async () => {
    const folder = Workspace.forTest({'experiments.yaml/a': ''});
    const {status, err} = await folder.ftsbuild(['check']);
    expect([status, err]).toEqual([2, expect.stringMatching(/^experiments\.yaml:1:1: error FTS103: experiments\.yaml cannot be read/)]);
    const {err: large} = await tiny(`# ${'x'.repeat(1_000_001)}`).ftsbuild(['check']);
    expect(large).toMatch(/^experiments\.yaml:1:1: error FTS105: .*\n {2}1 \| # x+\n/);
  });

  test('broken YAML is shown at its line and column, with the line and a marker under the place', async () => {
    const workspace = tiny(
      changed(tinyStudy, 'budgets:\n  3K: {params: 3K, estimate: {trial: 1s, training: 1s}}', 'budgets:\n  3K: {params: 3K'),
    );
    const {status, err} = await workspace.ftsbuild(['all']);
    expect(status).toBe(2);
    expect(err).toMatch(/^experiments\.yaml:\d+:\d+: error FTS\d+: /m);
    expect(err).toMatch(/^ +\d+ \| /m);
    expect(err).toMatch(/^ +\| +\^/m);
    expect(Object.keys(workspace.listing())).toEqual(['experiments.yaml']);
  });

  test('an unknown key is shown with its place and the nearest one, from a folder below too', async () => {
    const workspace = tiny(changed(tinyStudy, 'startup_trials', 'startup_trails'));
    workspace.write('notes/today/readme', '');
    const {status, err} = await workspace.ftsbuild(['all', '-n'], {from: 'notes/today'});
    expect(status).toBe(2);
    expect(err).toMatch(
      /experiments\.yaml:\d+:7: error FTS110: unknown key "startup_trails" in phases\.tiny\.hpo\n +\d+ \| +startup_trails: 1\n +\| +\^{14}\n +help: .*startup_trials/,
    );
  });

  test('a condition that is no condition is told before anything runs', async () => {
    const workspace = tiny(changed(tinyStudy, '    training:', '    checks: ["val_loss <"]\n    training:'));
    const {status, err} = await workspace.ftsbuild(['all']);
    expect(status).toBe(2);
    expect(err).toMatch(/experiments\.yaml:\d+:\d+: error/);
    expect(Object.keys(workspace.listing())).toEqual(['experiments.yaml']);
  });
});

describe('looking', () => {
  test('--dry-run -v lists what would run in order, with reasons and times, and writes nothing at all', async () => {
    const workspace = tiny();
    const {status, out, err} = await workspace.ftsbuild(['all', '--dry-run', '-v']);
    expect([status, err]).toEqual([0, '']);
    const places = ['environment', 'data prices', 'script', 'hpo tiny_3K_h3_up1', 'borrow', 'training tiny_3K_h3_up2', 'report'].map(
      (label) => out.indexOf(`  ${label}`),
    );
    expect(places).toEqual(places.toSorted((left, right) => left - right));
    expect(places).not.toContain(-1);
    expect(out).toMatch(
      /\n15 to run \(.*\), 0 fresh\none after the other about .* \(.* to .*\)\nwith the pools and -j \d+ about .* \(.* to .*\)\n$/,
    );
    expect(Object.keys(workspace.listing())).toEqual(['experiments.yaml']);
  });

  test('-q says by its exit status alone whether something would run', async () => {
    const workspace = tiny();
    expect(await workspace.ftsbuild(['-q', 'all'])).toEqual({status: 1, out: '', err: ''});
    expect(Object.keys(workspace.listing())).toEqual(['experiments.yaml']);
  });

  test.each([['status'], ['list'], ['list', '--scripts'], ['why', 'all']])('%j writes nothing', async (...words) => {
    const workspace = tiny();
    const {status, err} = await workspace.ftsbuild(words);
    expect([status, err]).toEqual([0, '']);
    expect(Object.keys(workspace.listing())).toEqual(['experiments.yaml']);
  });

  test('the file, the folder and the filters may be named before the verb as well as after it', async () => {
    const workspace = Workspace.forTest({'study/other.yaml': tinyStudy, 'study/experiments.yaml': 'not read'});
    const before = await workspace.ftsbuild(['-C', 'study', '-f', 'other.yaml', '--only', 'task=up1', 'list']);
    const after = await workspace.ftsbuild(['list', '-C', 'study', '-f', 'other.yaml', '--only', 'task=up1']);
    expect(before).toEqual(after);
    expect(before.out.split('\n').filter((line) => line !== '')).toHaveLength(5);
  });

  test('a reader that goes away ends nothing with a stack trace', () => {
    const {root} = tiny();
    const cli = new URL('../../src/cli.ts', import.meta.url).pathname;
    const ran = spawnSync('/bin/sh', ['-c', `"${process.execPath}" "${cli}" list --json | head -c 1`], {cwd: root, encoding: 'utf8'});
    expect([ran.stdout, ran.stderr]).toEqual(['{', '']);
  });
});

describe('gates', () => {
  test('a workspace that another build holds is refused, with who holds it', async () => {
    const workspace = tiny();
    const disk = workspaceDisk(workspace.root);
    const site = {disk, clock: systemClock, processes: machineProcesses(), path: '.ftsbuild/lock', command: 'hpo'};
    const acquired = acquire(site);
    expect(acquired).toHaveProperty('held');
    const before = workspace.listing();
    const {status, err} = await workspace.ftsbuild(['all']);
    expect(status).toBe(3);
    expect(err).toContain(`another build holds this workspace: process ${process.pid} on ${hostname()}`);
    expect(err).toContain('(ftsbuild hpo)');
    expect(workspace.listing()).toEqual(before);
  });

  test('no Python is refused, with what to install', async () => {
    const workspace = tiny(changed(tinyStudy, tinyStudy.split('\n')[1] ?? '', 'python: {venv: .venv}'));
    const {status, out} = await workspace.ftsbuild(['all'], {environment: {PATH: workspace.root}});
    expect(status).toBe(3);
    expect(out).toContain('no Python 3.11 or newer was found');
    expect(out).toContain('Install it, for instance by `apt-get install python3.11');
    expect(Object.keys(workspace.listing()).filter((path) => !path.startsWith('.ftsbuild'))).toEqual(['experiments.yaml']);
  });

  test('an interpreter that is not there is refused by its path', async () => {
    const workspace = tiny(changed(tinyStudy, tinyStudy.split('\n')[1] ?? '', 'python: {interpreter: /nowhere/python}'));
    const {status, out} = await workspace.ftsbuild(['all']);
    expect(status).toBe(3);
    expect(out).toContain('/nowhere/python cannot be used');
  });

  const ownData = changed(
    tinyStudy,
    'builder: {source: arch.sp500, tiers: [a20]}\n    rows: {keep: 700}',
    'builder: {source: raw/mine.csv, tiers: [a20]}',
  );

  test('a data file that is not there is refused by its path', async () => {
    for (const text of [ownData, changed(ownData, 'builder: {source: raw/mine.csv, tiers: [a20]}', 'path: raw/mine.csv')]) {
      const workspace = tiny(text);
      const {status, out} = await workspace.ftsbuild(['data', '--cold']);
      expect(status).toBe(3);
      expect(out).toContain('raw/mine.csv is missing');
      expect(Object.keys(workspace.listing()).filter((path) => !path.startsWith('.ftsbuild'))).toEqual(['experiments.yaml']);
    }
  });

  test.each([
    ['a column that is missing', csv(400, (cells) => cells.filter((_, at) => at !== 5)), /Volume/],
    [
      'values that are missing',
      csv(400, (cells, row) => (row > 300 && row < 310 ? [cells[0]!, ...cells.slice(1, 4), '', cells[5]!] : cells)),
      /Close|missing|NaN/i,
    ],
    ['a high below its low', csv(400, (cells, row) => (row === 300 ? [cells[0]!, cells[1]!, '1', ...cells.slice(3)] : cells)), /High|Low/],
    ['dates out of order', csv(400, (cells, row) => (row === 300 ? ['2020-01-01', ...cells.slice(1)] : cells)), /[Dd]ate/],
    ['no table', '\u0000\u0001binary', /mine\.csv/],
    ['too few rows', csv(200), /200 daily bars, and the first 252 are for indicators to warm up/],
  ])('data with %s is refused in words, and no data file is left', async (_, text, message) => {
    const workspace = tiny(ownData);
    workspace.write('raw/mine.csv', text);
    const {status, out} = await workspace.ftsbuild(['data', '--cold']);
    expect([status, out]).toEqual([3, expect.stringMatching(message)]);
    expect(out).not.toContain('Traceback');
    expect(Object.keys(workspace.listing()).filter((path) => path.startsWith('data/'))).toEqual([]);
  });

  test('sound data of one’s own is built, and a study too large for it is refused by the plan with its numbers', async () => {
    const workspace = tiny(changed(ownData, 'min_windows: 10', 'min_windows: 200'));
    workspace.write('raw/mine.csv', csv(700));
    expect((await workspace.ftsbuild(['data', '--cold'])).status).toBe(0);
    const {status, out} = await workspace.ftsbuild(['hpo', '-nv']);
    expect(status).toBe(0);
    expect(out.split('\n')[0]).toMatch(/^hpo tiny_3K_h3_up1 {2}refused: too little data: 448 rows .* at least 200 of each are wanted$/);
  });
});
