// Removes what a killed writer left beside the file that it was about to replace. Whole files are never named like that.
import type {Node} from '../graph/node.ts';
import type {Disk} from '../host/disk.ts';
import type {Session} from './session.ts';

/** As `host/real-disk.ts` and `python/fts/writing.py` name a file until it is renamed. */
const unfinishedFile = /^(?:\.ftsbuild-[0-9a-f]{12}\.tmp|\..+\.\d+)$/u;

/** Under the lock, when what is left of the job has ended: nobody else writes there. */
export function removeTorn({disk, study}: Session, nodes: readonly Node[]): void {
  const paths = [study.paths.manifest, study.paths.report, ...nodes.flatMap(({outputs}) => outputs.map(({path}) => path))];
  const folders = new Set(['.ftsbuild', ...paths.map((path) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'))]);
  for (const folder of folders) removeIn(disk, folder);
}

function removeIn(disk: Disk, folder: string): void {
  const names = disk.list(folder);
  for (const name of names === 'missing' ? [] : names) if (unfinishedFile.test(name)) disk.remove(`${folder}/${name}`);
}
