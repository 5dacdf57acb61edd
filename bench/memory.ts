// The engine's peak memory during the quickstart, its Python children left out.
//
//   node bench/memory.ts        (Linux; removes outputs/quickstart first, so that everything runs)
import {spawn} from 'node:child_process';
import {readFileSync, rmSync} from 'node:fs';

rmSync('outputs/quickstart', {recursive: true, force: true});
const engine = spawn(process.execPath, ['dist/ftsbuild.js', '-s', '-f', 'configs/quickstart.yaml', 'all'], {stdio: 'inherit'});
const startedAt = Date.now();
let peakKb = 0;
const timer = setInterval(() => {
  peakKb = Math.max(peakKb, highWaterKb(engine.pid ?? 0));
}, 100);
engine.on('exit', (status) => {
  clearInterval(timer);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
  process.stdout.write(
    `quickstart: exit status ${String(status)} after ${seconds} s; the engine's peak was ${(peakKb / 1024).toFixed(0)} MB (wanted: under 200)\n`,
  );
});

// VmHWM is the kernel's own peak, so a sample misses at most the last tenth of a second.
function highWaterKb(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return 0;
    throw error;
  }
}
