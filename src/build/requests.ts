// What a person asks of a running build from another terminal: a file for each request, addressed to one builder, removed when it is obeyed.
import {randomBytes} from 'node:crypto';
import {isJsonObject} from '../base/json.ts';
import type {Clock} from '../host/clock.ts';
import type {Disk} from '../host/disk.ts';
import {findJsonObject} from '../executors/progress-lines.ts';
import type {Holder} from '../state/lock.ts';

export const requestFolder = '.ftsbuild/requests';

const asks = ['pause', 'resume', 'stop'] as const;
export type Ask = (typeof asks)[number];

/** The name of the process for good: ids are used again. */
export type Builder = Pick<Holder, 'host' | 'pid' | 'start'>;

/** Returns the path of the request: it is there until the builder obeys. */
export function sendRequest(site: {readonly disk: Disk; readonly clock: Clock}, builder: Builder, ask: Ask): string {
  const {host, pid, start} = builder;
  // Names sort by time: a pause and a resume after it are obeyed in their order.
  const path = `${requestFolder}/${String(site.clock.now()).padStart(15, '0')}-${randomBytes(4).toString('hex')}.json`;
  site.disk.write(path, `${JSON.stringify({host, pid, start, ask})}\n`);
  return path;
}

/** Takes the requests to this builder, in their order. Those to another one, which is dead, go unheard. */
export function takeRequests(disk: Disk, builder: Builder): readonly Ask[] {
  const names = disk.list(requestFolder);
  if (names === 'missing') return [];
  return names.flatMap((name) => {
    const path = `${requestFolder}/${name}`;
    if (!name.endsWith('.json')) return [];
    const ask = findAsk(disk.readText(path), builder);
    disk.remove(path);
    return ask === undefined ? [] : [ask];
  });
}

function findAsk(text: string | undefined, {host, pid, start}: Builder): Ask | undefined {
  const request = findJsonObject(text?.trimEnd() ?? '');
  if (!isJsonObject(request) || request['host'] !== host || request['pid'] !== pid || request['start'] !== start) return undefined;
  return asks.find((ask) => ask === request['ask']);
}
