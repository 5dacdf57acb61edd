// How long it takes until superseded results are back: a study of about 1 MB (50 trials), superseded and restored on this disk.
//
//   node bench/restore.ts [RUNS]
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {key, nodeId, projectPath} from '../src/base/ids.ts';
import {workspaceDisk} from '../src/host/real-disk.ts';
import {systemClock} from '../src/host/clock.ts';
import {dropEntry, findEntries, outputOf, putEntry, takeOutput} from '../src/state/cache.ts';
import {openDigests} from '../src/state/digests.ts';

const runs = Number(process.argv[2] ?? 20);
const folder = 'outputs/hpo/x';
const files = ['best_params.json', 'trials.jsonl'].map((name) => `${folder}/${name}`);
const root = mkdtempSync(join(tmpdir(), 'ftsbuild-restore-'));
try {
  const disk = workspaceDisk(root);
  disk.write(`${folder}/best_params.json`, JSON.stringify({params: {learning_rate: 0.001}}));
  const epochs = Array.from({length: 50}, (_, epoch) => ({epoch, train_loss: 1 / (epoch + 1), val_loss: 1 / (epoch + 2), val_auc: 0.5}));
  disk.write(`${folder}/trials.jsonl`, Array.from({length: 50}, (_, trial) => `${JSON.stringify({trial, epochs})}\n`).join(''));
  disk.write(`${folder}/study.db`, Buffer.alloc(600_000, 'database '));
  disk.write(`${folder}/hpo.log`, 'trial ended\n'.repeat(5000));
  const times = Array.from({length: runs}, () => once());
  const shown = (values: readonly number[]): string =>
    `${(values.toSorted((left, right) => left - right)[Math.floor(runs / 2)] ?? 0).toFixed(2)} ms`;
  process.stdout.write(
    `a study of 50 trials, ${(times[0]?.bytes ?? 0) / 1e6} MB, medians of ${runs}: superseded in ${shown(times.map(({into}) => into))}, ` +
      `verified and restored in ${shown(times.map(({out}) => out))}, copied for a second experiment in ${shown(times.map(({copied}) => copied))}\n`,
  );

  function once(): {into: number; out: number; copied: number; bytes: number} {
    const begun = performance.now();
    const description = {key: key('a'.repeat(64)), node: nodeId(folder), rule: 'hpo', label: 'hpo x', path: projectPath(folder)};
    putEntry(disk, {...description, holds: 'complete', reason: null, trace: null, ended: null, spentMs: 0}, systemClock.now());
    const stored = performance.now();
    const [entry] = findEntries(disk, description.key);
    if (entry === undefined) throw new Error('unreachable: it was just put there');
    // Nothing is remembered of files at their new place: each is read and hashed, as after a real change of the file.
    const digests = openDigests(disk, systemClock, '.ftsbuild/digests');
    for (const path of files) digests.digestOf(outputOf(entry) + path.slice(folder.length));
    takeOutput(disk, entry);
    for (const path of files) digests.digestOf(path);
    dropEntry(disk, entry);
    const back = performance.now();
    for (const name of ['best_params.json', 'trials.jsonl', 'study.db', 'hpo.log']) disk.copy(`${folder}/${name}`, `outputs/hpo/y/${name}`);
    return {into: stored - begun, out: back - stored, copied: performance.now() - back, bytes: entry.bytes};
  }
} finally {
  rmSync(root, {recursive: true});
}
