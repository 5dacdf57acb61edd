// Writes each event of a build as one JSON line, for programs that follow it.
import type {BuildEvent} from '../build/events.ts';
import type {Clock} from '../host/clock.ts';
import type {Disk} from '../host/disk.ts';

/** Events go to `.ftsbuild/events/{start}.ndjson`. */
export function ndjsonReporter(disk: Disk, clock: Clock): (event: BuildEvent) => void {
  const path = `.ftsbuild/events/${new Date(clock.now()).toISOString().replaceAll(':', '')}.ndjson`;
  return (event) => {
    disk.append(path, `${JSON.stringify({time: new Date(clock.now()).toISOString(), ...plain(event)})}\n`);
  };
}

function plain(event: BuildEvent): object {
  if (!('node' in event)) return event.type === 'build_ended' ? {type: event.type, summary: summaryOf(event)} : event;
  const {node, ...rest} = event;
  const outcome = 'outcome' in rest && rest.outcome.at === 'blocked' ? {...rest.outcome, by: rest.outcome.by.id} : undefined;
  return {...rest, node: node.id, ...(outcome === undefined ? {} : {outcome})};
}

function summaryOf({summary}: Extract<BuildEvent, {type: 'build_ended'}>): object {
  return {
    ...summary,
    failed: summary.failed.map(({node, outcome}) => ({
      node: node.id,
      status: outcome.status,
      reason: outcome.reason,
      message: outcome.message,
    })),
    blocked: summary.blocked.map(({node, by}) => ({node: node.id, by: by.id})),
  };
}
