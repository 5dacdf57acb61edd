// Rows of the log that no attempt of this study wrote are in no total of its report; nor is a line of trials that is cut off.
import {expect, test} from 'vitest';
import {gatherReport} from '../../src/build/report-input.ts';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import {formatHeader, formatRow, type LogRow} from '../../src/results/log.ts';
import {findCautions} from '../../src/results/cautions.ts';
import {sampleInput, trialsOf} from '../results/samples.ts';
import {studyDirectory} from '../../src/rules/context.ts';
import {StudyBench} from '../support/study-bench.ts';

const clock = handClock();
const bench = new StudyBench({disk: memoryDisk({}, clock), clock, packageRoot: '/package'}, 'configs/quickstart.yaml');
const session = bench.session();
const [own] = session.study.experiments;
const [sample] = sampleInput().log.rows;
if (own === undefined || sample === undefined) throw new Error('unreachable: a study without experiments');

function gatherWith(log: string): ReturnType<typeof gatherReport> {
  session.disk.write(session.study.paths.log, log);
  return gatherReport(session, {key: 'k', commit: null, shown: new Map(), figureDirectory: 'figures'});
}

const gone: LogRow = {...sample, experiment: 'old_2M_h1', key: null, data_md5: null};

test('rows of experiments that the study does not have, without key and data hash, count nowhere, and the report says so', () => {
  const rows = [gone, {...gone, key: 'a'.repeat(64)}, {...gone, data_md5: 'd'.repeat(32)}, {...gone, experiment: own.name}, gone];
  const input = gatherWith(formatHeader() + rows.map(formatRow).join(''));
  expect(input.log.rows).toEqual(rows.slice(1, 4));
  expect(findCautions(input).join(' ')).toContain('2 rows of the log are of experiments that this study does not have');
});

test('of a log that another program saved the report says so, and counts nothing of it', () => {
  const input = gatherWith((formatHeader() + formatRow({...gone, experiment: own.name})).replaceAll(',', ';'));
  expect(input.log.rows).toEqual([]);
  expect(findCautions(input).join(' ')).toContain("The log is not this program's: its cells are parted by semicolons");
});

test('a line of trials that is cut off costs itself', () => {
  const searched = session.study.experiments.find(({source}) => source.kind === 'study');
  if (searched === undefined) throw new Error('unreachable: a study without a search');
  const lines = trialsOf(2, 1).map((trial) => `${JSON.stringify(trial)}\n`);
  session.disk.write(`${studyDirectory(session.study, searched.name)}/trials.jsonl`, lines.join('').slice(0, -20));
  const gathered = gatherWith('')
    .phases.flatMap(({experiments}) => experiments)
    .find(({name}) => name === searched.name);
  expect(gathered?.trials).toHaveLength(1);
});
