// Freeze, through real files and real searches: scripts and the YAML are edited while a search runs.
import {createHash} from 'node:crypto';
import {expect, test} from 'vitest';
import {tinyStudy, Workspace} from '../support/command-line.ts';

test('a script edited in mid-build counts for the search that had not started, and the YAML for the next build', async () => {
  const workspace = new Workspace({'experiments.yaml': tinyStudy});
  const script = 'experiments/tiny/hpo_3K_h3_up3.py';
  let edited = false;
  const ran = await workspace.ftsbuild(['hpo', '-j', '1', '--except', 'task=up2'], {
    onOutput: (out) => {
      if (edited || !out.includes('] hpo tiny_3K_h3_up1')) return;
      edited = true;
      workspace.write(script, `${workspace.read(script)}\nEDITED = 1\n`);
      workspace.write(
        'experiments.yaml',
        tinyStudy.replace('learning_rate: {log: [1.0e-4, 1.0e-3]}', 'learning_rate: {log: [1.0e-4, 2.0e-3]}'),
      );
    },
  });
  expect([ran.err, ran.status]).toEqual(['', 0]);
  const result = workspace.json('outputs/hpo/tiny_3K_h3_up3/best_params.json') as {provenance: {script: {sha256: string}}; record: object};
  expect(result.provenance.script.sha256).toBe(createHash('sha256').update(workspace.read(script)).digest('hex'));
  expect(JSON.stringify(result.record)).toContain('0.001');
  const why = await workspace.ftsbuild(['why', 'outputs/hpo/tiny_3K_h3_up1']);
  expect(why.out).toContain('search.learning_rate: {log: [0.0001, 0.001]} -> {log: [0.0001, 0.002]}');
}, 120_000);
