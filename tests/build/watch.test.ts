// A watched study: what follows from which change, and that nothing follows twice.
import {expect, onTestFinished, test} from 'vitest';
import {problem} from '../../src/base/diagnostic.ts';
import {changed, tinyStudy} from '../support/command-line.ts';
import {WatchBench, type WatchBenchOptions} from '../support/watch-bench.ts';

async function watched(options: WatchBenchOptions = {}): Promise<WatchBench> {
  const bench = await WatchBench.start(options);
  onTestFinished(async () => {
    await bench.ended();
  });
  return bench;
}

const hpoScripts = ['script experiments/tiny/hpo_3K_h3_up1.py', 'script experiments/tiny/hpo_3K_h3_up3.py'];

test('a changed parameter renders the scripts that show it, and what is expensive is said to be stale, once, with its price', async () => {
  const b = await watched();
  await b.after(() => b.edit('trials: 2', 'trials: 3'));
  expect(b.builds).toHaveLength(1);
  expect(b.builds[0]).toEqual(expect.arrayContaining(hpoScripts));
  expect(b.disk.readText('experiments/tiny/hpo_3K_h3_up1.py')).toContain('N_TRIALS = 3');
  expect(b.told()).toEqual(['changed', 'stale']);
  expect(b.stale()).toEqual(expect.arrayContaining(['hpo tiny_3K_h3_up1', 'hpo tiny_3K_h3_up3']));
  await b.after(() => b.disk.append('docs/experiment_results.csv', 'x\n'));
  expect(b.told().filter((type) => type === 'stale')).toHaveLength(1);
});

test('what a build writes starts none', async () => {
  const b = await watched();
  await b.after(() => b.edit('learning_rate: {log: [1.0e-4', 'learning_rate: {log: [2.0e-4'));
  expect(b.builds).toHaveLength(1);
  // Once before the build, once after it.
  expect(b.looks).toBe(2);
});

test('a changed log makes the report again and nothing else', async () => {
  const b = await watched();
  await b.after(() => b.disk.append('docs/experiment_results.csv', 'a row\n'));
  expect(b.builds).toEqual([['report docs/experiment_results.md']]);
});

test('many files that change one after the other, as git writes them, are one change', async () => {
  const b = await watched();
  await b.after(() => {
    for (let at = 0; at < 50; at++) b.timers.after(at * 30, () => b.disk.write(`/package/fts/new_${at}.py`, 'x = 1'));
    b.timers.after(400, () => b.edit('trials: 2', 'trials: 3'));
  });
  expect(b.builds).toHaveLength(1);
});

test('where it never gets quiet, it is looked all the same', async () => {
  const b = await watched();
  let looksMeanwhile = 0;
  await b.after(() => {
    b.edit('trials: 2', 'trials: 3');
    for (let at = 1; at < 100; at++) b.timers.after(at * 50, () => b.disk.touch('/package/fts/model.py'));
    b.timers.after(99 * 50, () => {
      looksMeanwhile = b.looks;
    });
  });
  expect(b.clock.now()).toBeGreaterThan(0);
  expect(looksMeanwhile).toBeGreaterThan(0);
  expect(b.builds).toHaveLength(1);
});

test('a file that is written beside and renamed into place is a change, each time', async () => {
  const b = await watched();
  for (const trials of [3, 4]) {
    b.disk.write('experiments.yaml~', changed(tinyStudy, 'trials: 2', `trials: ${trials}`));
    await b.after(() => b.disk.move('experiments.yaml~', 'experiments.yaml'));
    expect(b.disk.readText('experiments/tiny/hpo_3K_h3_up1.py')).toContain(`N_TRIALS = ${trials}`);
  }
  expect(b.builds).toHaveLength(2);
});

test('a study that becomes invalid is shown with what is wrong, and everything stays; valid again, it goes on', async () => {
  const b = await watched();
  const script = b.disk.readText('experiments/tiny/hpo_3K_h3_up1.py');
  await b.after(() => b.edit('trials: 2', 'trails: 2'));
  expect(b.told()).toEqual(['changed', 'invalid']);
  expect(b.builds).toEqual([]);
  expect(b.disk.readText('experiments/tiny/hpo_3K_h3_up1.py')).toBe(script);
  await b.after(() => b.edit('trails: 2', 'trials: 3'));
  expect(b.told()).toEqual(['changed', 'invalid', 'changed', 'valid_again', 'stale']);
  expect(b.builds).toHaveLength(1);
});

test('a configuration that is deleted is waited for', async () => {
  const b = await watched();
  await b.after(() => b.disk.remove('experiments.yaml'));
  expect(b.told()).toEqual(['changed', 'invalid']);
  await b.after(() => b.disk.write('experiments.yaml', changed(tinyStudy, 'trials: 2', 'trials: 3')));
  expect(b.builds).toHaveLength(1);
});

test('a file that the study includes only now is watched, and so is one that was missing', async () => {
  const b = await watched();
  await b.after(() => b.disk.write('experiments.yaml', `include: configs/more.yaml\n${tinyStudy}`));
  expect(b.told()).toEqual(['changed', 'invalid']);
  await b.after(() => b.disk.write('configs/more.yaml', 'project: mine\n'));
  expect(b.told()).toContain('valid_again');
  await b.after(() => b.disk.write('configs/more.yaml', 'project: yours\n'));
  expect(b.disk.readText('docs/experiment_results.md')).toContain('yours: experiment results');
});

test('a folder of scripts that is deleted is rendered again', async () => {
  const b = await watched();
  await b.after(() => b.disk.remove('experiments'));
  expect(b.builds).toHaveLength(1);
  expect(b.disk.readText('experiments/tiny/hpo_3K_h3_up1.py')).toContain('N_TRIALS = 2');
});

test('a result that somebody changed is said to be stale, and nothing is run', async () => {
  const b = await watched();
  await b.after(() => b.disk.append('outputs/hpo/tiny_3K_h3_up1/best_params.json', ' '));
  expect(b.stale()).toContain('hpo tiny_3K_h3_up1');
  expect(b.builds.flat()).not.toContain('hpo tiny_3K_h3_up1');
});

test('a touched file, and a comment in Python, make nothing', async () => {
  const b = await watched();
  await b.after(() => b.disk.touch('experiments.yaml'));
  await b.after(() => b.disk.append('/package/fts/model.py', '# a comment\n'));
  expect(b.builds).toEqual([]);
  expect(b.told()).toEqual(['changed', 'nothing_to_do', 'changed', 'nothing_to_do']);
});

test('Python code that decides results makes searches and trainings stale; undone, nothing is stale any more', async () => {
  const b = await watched();
  await b.after(() => b.study.editPackage('fts/model.py', 'std=0.02', 'std=0.03'));
  expect(b.stale()).toEqual(expect.arrayContaining(['hpo tiny_3K_h3_up1', 'training tiny_3K_h3_up1 seed 42']));
  await b.after(() => b.study.editPackage('fts/model.py', 'std=0.03', 'std=0.02'));
  expect(b.told().at(-1)).toBe('all_fresh');
});

test('a script that is refused by Python is tried again when it is another one, not before', async () => {
  const b = await watched();
  b.syntax = (source) => (source.includes('N_TRIALS = 3') ? [problem('FTS503', 'no Python')] : []);
  await b.after(() => b.edit('trials: 2', 'trials: 3'));
  expect(b.builds).toHaveLength(1);
  await b.after(() => b.disk.touch('experiments.yaml'));
  expect(b.builds).toHaveLength(1);
  await b.after(() => b.edit('trials: 3', 'trials: 4'));
  expect(b.builds).toHaveLength(2);
  expect(b.disk.readText('experiments/tiny/hpo_3K_h3_up1.py')).toContain('N_TRIALS = 4');
});

test('a template that cannot be rendered fails its scripts, and watching goes on: mended, they are made', async () => {
  const b = await watched();
  const template = b.study.templates.get('train.py.hbs') ?? '';
  await b.after(() => {
    b.study.templates.set('train.py.hbs', `{{nope}}\n${template}`);
    b.disk.touch('experiments.yaml');
  });
  await b.after(() => {
    b.study.templates.set('train.py.hbs', `# ours\n${template}`);
    b.disk.touch('experiments.yaml');
  });
  expect(b.disk.readText('experiments/tiny/train_3K_h3_up1.py')).toMatch(/^# ours\n/);
});

test('while another build holds the workspace nothing is made, and wrong files are shown all the same', async () => {
  const b = await watched();
  b.holder = {pid: 1, host: 'here', start: 's', since: 0, command: 'all'};
  await b.after(() => b.edit('trials: 2', 'trials: 3'));
  expect([b.told(), b.builds]).toEqual([['busy'], []]);
  await b.after(() => b.edit('trials: 3', 'trails: 3'));
  expect(b.told()).toEqual(['busy', 'changed', 'invalid']);
  await b.after(() => b.edit('trails: 3', 'trials: 3'));
  await b.after(() => void (b.holder = undefined));
  expect(b.builds).toHaveLength(1);
});

test('what changes during a build is taken up after it', async () => {
  const b = await watched();
  b.onBuild = () => {
    b.onBuild = () => undefined;
    b.edit('trials: 3', 'trials: 4');
  };
  await b.after(() => b.edit('trials: 2', 'trials: 3'));
  expect(b.builds).toHaveLength(2);
  expect(b.disk.readText('experiments/tiny/hpo_3K_h3_up1.py')).toContain('N_TRIALS = 4');
});

test('what is deleted while something else is made is made after it', async () => {
  const b = await watched();
  b.onBuild = () => {
    b.onBuild = () => undefined;
    b.timers.after(0, () => b.disk.remove('experiments'));
  };
  await b.after(() => b.disk.append('docs/experiment_results.csv', 'a row\n'));
  await b.after(() => b.disk.touch('experiments.yaml'));
  expect(b.disk.readText('experiments/tiny/hpo_3K_h3_up1.py')).toContain('N_TRIALS = 2');
});

test('with --all everything is made', async () => {
  const b = await watched({all: true});
  await b.after(() => b.edit('trials: 2', 'trials: 3'));
  expect(b.builds.flat()).toEqual(expect.arrayContaining([...hpoScripts, 'hpo tiny_3K_h3_up1']));
  expect(b.told()).toEqual(['changed']);
});

test('with --all a search that succeeded goes on when more trials are wanted meanwhile: nothing of it has failed', async () => {
  const b = await watched({all: true});
  const refused: number[] = [];
  b.onBuild = ({refusals}) => void refused.push(refusals.size);
  b.onBuilt = () => {
    b.onBuilt = () => undefined;
    b.edit('trials: 3', 'trials: 4');
  };
  await b.after(() => b.edit('trials: 2', 'trials: 3'));
  expect(refused).toEqual([0, 0]);
  expect(b.builds[1]).toContain('hpo tiny_3K_h3_up1');
});

test('with --all what was made and deleted at once is made again', async () => {
  const b = await watched({all: true});
  const refused: number[] = [];
  b.onBuild = ({refusals}) => void refused.push(refusals.size);
  b.onBuilt = () => {
    b.onBuilt = () => undefined;
    b.disk.remove('outputs/hpo/tiny_3K_h3_up1');
  };
  await b.after(() => b.edit('trials: 2', 'trials: 3'));
  expect([refused, b.builds[1]]).toEqual([[0, 0], ['hpo tiny_3K_h3_up1']]);
});

test('with --all what failed is not tried again as it is, though it had succeeded before; with more trials it is another thing', async () => {
  const b = await watched({all: true});
  const search = 'hpo tiny_3K_h3_up1';
  const refused: string[][] = [];
  b.onBuild = ({refusals}) => void refused.push([...refusals.keys()]);
  b.study.fails = ({label}) => label === search;
  await b.after(() => b.edit('trials: 2', 'trials: 3'));
  await b.after(() => b.disk.append('docs/experiment_results.csv', 'a row\n'));
  expect(b.builds.length).toBe(2);
  expect(refused[1]).toContain('outputs/hpo/tiny_3K_h3_up1/best_params.json');
  await b.after(() => b.edit('trials: 3', 'trials: 4'));
  expect(refused[2]).toEqual([]);
});

test('targets narrow what is made', async () => {
  const b = await watched({wanted: ({rule}) => rule === 'script'});
  await b.after(() => b.edit('trials: 2', 'trials: 3'));
  expect(b.builds.map((labels) => labels.toSorted())).toEqual([hpoScripts]);
  expect(b.stale()).toEqual([]);
});

test('it ends at once where it waits, and says when a build was interrupted', async () => {
  const waiting = await WatchBench.start();
  expect(await waiting.ended()).toBe('stopped');
  const building = await WatchBench.start();
  const begun = new Promise<void>((resolve) => {
    building.onBuild = () => {
      building.stop();
      resolve();
    };
  });
  building.edit('trials: 2', 'trials: 3');
  await begun;
  expect(await building.ended()).toBe('interrupted');
});
