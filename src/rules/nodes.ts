// From a study to all its nodes: one rule a file, wired here. Adding a rule is adding a file and a line.
import type {Graph} from '../graph/graph.ts';
import {buildGraph} from '../graph/graph.ts';
import type {Node} from '../graph/node.ts';
import type {Result} from '../base/result.ts';
import {borrowNode} from './borrow.ts';
import type {RuleContext} from './context.ts';
import {dataNode} from './data.ts';
import {environmentNode} from './environment.ts';
import {hpoNode} from './hpo.ts';
import {reportNode} from './report.ts';
import {hpoScriptNode, phaseReadmeNode, trainScriptNode} from './script.ts';
import {trainingNode} from './training.ts';

export function graphOf(context: RuleContext): Result<Graph> {
  const {study} = context;
  const nodes: Node[] = [
    environmentNode(context),
    ...study.data.map((dataset) => dataNode(context, dataset)),
    ...study.phases.map((phase) => phaseReadmeNode(context, phase)),
  ];
  for (const experiment of study.experiments) {
    const {source} = experiment;
    if (source.kind === 'study') nodes.push(hpoScriptNode(context, experiment, source), hpoNode(context, experiment, source));
    if (source.kind === 'borrow') nodes.push(borrowNode(context, experiment, source));
    if (experiment.training.seeds.length > 0) nodes.push(trainScriptNode(context, experiment));
    for (const seed of experiment.training.seeds) nodes.push(trainingNode(context, experiment, seed));
  }
  return buildGraph([...nodes, reportNode(context, nodes)]);
}
