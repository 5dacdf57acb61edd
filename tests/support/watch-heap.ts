// How much memory a watch keeps: prints the heap, in bytes after a collection, after each of these numbers of edits. Run with --expose-gc.
import {WatchBench} from './watch-bench.ts';

const bench = await WatchBench.start();
const collect = globalThis.gc;
if (collect === undefined) throw new Error('run me with --expose-gc');
const marks = process.argv.slice(2).map(Number);
const heaps: number[] = [];
for (let edit = 1; edit <= Math.max(...marks); edit++) {
  // Renders the scripts again.
  await bench.after(() => bench.edit(`  epochs: ${String(edit)}\n`, `  epochs: ${String(edit + 1)}\n`));
  // What the bench keeps for its tests is not the watch's.
  bench.events.length = 0;
  bench.builds.length = 0;
  if (!marks.includes(edit)) continue;
  collect();
  heaps.push(process.memoryUsage().heapUsed);
}
process.stdout.write(JSON.stringify(heaps));
await bench.ended();
