// Tells when a build comes to its first job: what is only for running jobs starts then.
import type {Instant} from '../host/clock.ts';
import type {Listener} from './events.ts';

export function onFirstJob(start: (at: Instant) => void): Listener {
  let hasStarted = false;
  return (event) => {
    if (hasStarted || event.type !== 'node_started' || event.node.work.kind !== 'job') return;
    hasStarted = true;
    start(event.at);
  };
}
