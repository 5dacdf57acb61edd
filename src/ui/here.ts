// The few lines that `ftsbuild` alone prints: where one is, how the study stands, what comes next. Knows no commands but their names.
import {nodeStates, totalsOf} from '../build/node-state.ts';
import {visible} from '../base/visible.ts';
import type {Paint} from './paint.ts';
import {describeTotals} from './totals.ts';
import type {Standing} from './standing.ts';

export interface Here {
  readonly project: string;
  readonly place: string;
  readonly file: string;
  readonly profile: string | undefined;
  /** All that the file has. */
  readonly profiles: readonly string[];
  readonly experiments: number;
  readonly phases: readonly string[];
  /** Undefined where none was made yet. */
  readonly report: string | undefined;
  readonly isRunning: boolean;
  readonly all: readonly Standing[];
}

/** `running` are the lines of a build that runs here. */
export function describeHere(here: Here, running: readonly string[], paint: Paint): readonly string[] {
  const next = nextSteps(here);
  const width = Math.max(...next.map(([command]) => command.length));
  return [
    `${visible(here.project)}: ${here.file} in ${here.place}${here.profile === undefined ? '' : `, profile ${here.profile}`}`,
    `${count(here.experiments, 'experiment')} in ${count(here.phases.length, 'phase')} (${here.phases.join(', ')}); ${count(here.all.length, 'target')}: ${describeTotals(totalsOf(here.all.map(({state}) => state)))}`,
    ...(here.report === undefined ? [] : [`report: ${here.report}`]),
    ...running,
    '',
    'Next:',
    ...next.map(([command, what]) => `  ${command.padEnd(width)}   ${paint.dim(what)}`),
  ];
}

type Step = readonly [command: string, what: string];

function nextSteps(here: Here): readonly Step[] {
  const command = commandOf(here);
  const line = (words: string, what: string): Step => [`${command} ${words}`, what];
  return [...stepsOf(here, line), ['ftsbuild help', 'every command']];
}

function stepsOf(here: Here, line: (words: string, what: string) => Step): readonly Step[] {
  if (here.isRunning) return [line('status', 'how the build that runs here stands'), line('stop', 'end it; what it has is saved')];
  const troubled = here.all.find(({state}) => troubles.has(state));
  const trouble = troubled === undefined ? [] : [line(`why ${targetOf(troubled)}`, `why it is ${troubled.state}`)];
  if (here.all.every(({state}) => state === 'fresh')) return [line('status', 'how the study stands, by phase and budget')];
  const [profile] = here.profiles;
  const isNew =
    here.profile === undefined &&
    profile !== undefined &&
    here.all.every(({state, node}) => state !== 'fresh' || node.experiment === undefined);
  return [
    ...trouble,
    line('all --dry-run', 'what would run, why, and for how long'),
    ...(isNew ? [line(`--profile ${profile} all`, 'first a part of it, with outputs of its own')] : []),
    line('all', 'build what is stale'),
  ];
}

const troubles: ReadonlySet<string> = new Set(nodeStates.filter((state) => state !== 'fresh' && state !== 'stale'));

function targetOf({node}: Standing): string {
  return node.outputs[0]?.path ?? node.id;
}

function commandOf({file, profile}: Here): string {
  const flags = [...(file === 'experiments.yaml' ? [] : ['-f', file]), ...(profile === undefined ? [] : ['--profile', profile])];
  return ['ftsbuild', ...flags].join(' ');
}

function count(number: number, noun: string): string {
  return `${String(number)} ${noun}${number === 1 ? '' : 's'}`;
}
