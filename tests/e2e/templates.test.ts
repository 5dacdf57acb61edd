// Templates in the workspace: they win over the program's, count by content, and what is wrong in one fails what it renders.
import {expect, test} from 'vitest';
import {repositoryText} from '../support/studies.ts';
import {tinyStudy, Workspace} from '../support/command-line.ts';

const script = 'experiments/tiny/hpo_3K_h3_up1.py';
const template = repositoryText('templates/hpo.py.hbs');

async function build(workspace: Workspace): Promise<{status: number | null; err: string; ran: readonly string[]}> {
  const {status, err, out} = await workspace.ftsbuild(['scripts']);
  return {status, err: err + out, ran: workspace.ran().filter((node) => node.endsWith('.py'))};
}

test("a template of the workspace renders its scripts instead; without it the program's own does again", async () => {
  const workspace = Workspace.forTest({'experiments.yaml': tinyStudy});
  expect((await build(workspace)).status).toBe(0);
  const plain = workspace.read(script);
  workspace.write('templates/hpo.py.hbs', template);
  expect((await workspace.ftsbuild(['scripts', '-q'])).status).toBe(0);
  workspace.write('templates/hpo.py.hbs', `${template}# of our laboratory\n`);
  expect(await build(workspace)).toMatchObject({status: 0, ran: [script, 'experiments/tiny/hpo_3K_h3_up3.py']});
  expect(workspace.read(script)).toBe(`${plain}# of our laboratory\n`);
  workspace.remove('templates');
  expect((await build(workspace)).status).toBe(0);
  expect(workspace.read(script)).toBe(plain);
});

test.each([
  ['cannot be read', '{{#each}'],
  ['asks for what there is not', '{{identity.nobody.knows}}'],
  ['renders no Python', 'def :'],
])('a template that %s fails its scripts and says so, and nothing of theirs is written', async (_, text) => {
  const workspace = Workspace.forTest({'experiments.yaml': tinyStudy, 'templates/hpo.py.hbs': text, 'templates/other.hbs': '{{'});
  const {status, err} = await build(workspace);
  expect(status).toBe(1);
  expect(err).toContain(text === 'def :' ? script : 'template hpo.py.hbs cannot be rendered');
  expect([workspace.has(script), workspace.has('experiments/tiny/train_3K_h3_up1.py')]).toEqual([false, true]);
});
