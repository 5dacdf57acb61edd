// The report as a node: it waits for whatever the build runs, and reads how everything of the study stands.
import {nodeId, projectPath} from '../base/ids.ts';
import type {Json} from '../base/json.ts';
import type {Node} from '../graph/node.ts';
import {plainRecord, type RuleContext} from './context.ts';
import {templateDigests} from './script.ts';

export function reportNode(context: RuleContext, others: readonly Node[]): Node {
  const {study} = context;
  return {
    id: nodeId(study.paths.report),
    rule: 'report',
    label: `report ${study.paths.report}`,
    dims: new Map(),
    inputs: [],
    outputs: [
      {path: study.paths.report, kind: 'file'},
      ...study.phases.map((phase) => ({path: projectPath(`${study.paths.docs}/${phase.name}_runbook.md`), kind: 'file' as const})),
    ],
    params: new Map<string, Json>([
      ...templateDigests(context, ['report.md.hbs', 'runbook.md.hbs']),
      ['project', study.project],
      [
        'experiments',
        study.experiments.map((experiment) => ({
          identity: {...experiment.identity},
          source: experiment.source.kind,
          training: plainRecord(experiment.training.record),
        })),
      ],
    ]),
    extent: new Map(),
    code: [],
    collects: others.filter((node) => node.experiment !== undefined).map((node) => node.id),
    cost: {pool: undefined, estimateMs: 1000},
    work: {kind: 'report'},
  };
}
