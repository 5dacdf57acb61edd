// `ftsbuild graph`: which part of the study it draws.
import {expect, test} from 'vitest';
import {graph} from '../../src/commands/graph.ts';
import {tinyStudy, Workspace} from '../support/command-line.ts';
import {quietTerminal} from '../support/terminal.ts';

interface Drawn {
  readonly boxes: readonly {readonly id: string; readonly rule: string}[];
  readonly arrows: readonly {readonly from: string; readonly to: string; readonly collected: boolean}[];
}

async function drawn(...targets: string[]): Promise<Drawn> {
  const workspace = Workspace.forTest({'experiments.yaml': tinyStudy});
  const {terminal, said} = quietTerminal();
  const options = {directory: workspace.root, targets, only: [], except: [], format: 'json', expand: false} as const;
  expect(await graph(options, terminal)).toBe(0);
  return JSON.parse(said.join('\n')) as Drawn;
}

test('the report is drawn with all that it shows', async () => {
  const report = await drawn('report');
  const rules = ({boxes}: Drawn): readonly string[] => boxes.map(({rule}) => rule);
  expect(rules(report)).toEqual(rules(await drawn()));
  expect(report.arrows.some(({collected}) => collected)).toBe(true);
});

test('another target is drawn with what it needs and nothing else', async () => {
  expect((await drawn('data')).boxes.map(({rule}) => rule)).toEqual(['environment', 'data']);
});
