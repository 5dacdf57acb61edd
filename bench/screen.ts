// CPU time of the live view, the event stream and the fold: an hour of a build with two running nodes, an epoch every ten seconds and a
// reading every five.
//
//   node bench/screen.ts
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {workspaceDisk} from '../src/host/real-disk.ts';
import type {EventLine} from '../src/ui/event-line.ts';
import {frame} from '../src/ui/frame.ts';
import {openStream} from '../src/ui/ndjson.ts';
import {plainPaint} from '../src/ui/paint.ts';
import {Block} from '../src/ui/screen.ts';
import {emptyView, follow} from '../src/ui/view.ts';

const start = Date.UTC(2026, 0, 1);
const hour = 3600;
const view = emptyView();
const folder = mkdtempSync(join(tmpdir(), 'ftsbuild-screen-'));
const run = {type: 'run', schema_version: 1, pid: 1, host: 'here', command: 'all', jobs: 2, estimate: null} as const;
const time = (second: number): string => new Date(start + second * 1000).toISOString();
const write = openStream(workspaceDisk(folder), {time: time(0), ...run});
let bytes = 0;
const block = new Block({
  ...{unicode: true, columns: () => 100, rows: () => 40, onResize: () => () => undefined},
  write: (text) => void (bytes += text.length),
});
const take = (line: EventLine): void => {
  write(line);
  follow(view, line);
};
const before = process.cpuUsage();
take({time: time(0), type: 'build_started', wanted: 300});
for (const node of ['a', 'b'])
  take({time: time(0), type: 'node_started', node, label: `hpo ${node}`, rule: 'hpo', attempt: 1, log_file: null, estimate: null});
for (let second = 1; second <= hour; second++) {
  if (second % 5 === 0)
    take({
      time: time(second),
      type: 'temperature',
      state: 'normal',
      celsius: 60 + (second % 9),
      pressure: null,
      source: 'hwmon',
      why: null,
    });
  if (second % 10 === 0)
    for (const node of ['a', 'b']) {
      const said = {event: 'epoch', epoch: second / 10, epochs: 360, train_loss: 0.5, val_loss: 0.5, seconds: 10};
      take({time: time(second), type: 'node_progress', node, label: `hpo ${node}`, progress: said});
    }
  const now = start + second * 1000;
  block.draw(frame(view, {columns: 100, rows: 40}, {now, paint: plainPaint, unicode: true}));
}
const {user, system} = process.cpuUsage(before);
rmSync(folder, {recursive: true});
process.stdout.write(`CPU ${((user + system) / 1e6).toFixed(2)} s in an hour, ${(bytes / 1e6).toFixed(1)} MB to the terminal\n`);
