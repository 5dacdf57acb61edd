// Says when something in one folder changes. Knows nothing of what lies there.
import {mkdirSync, watch} from 'node:fs';

export interface FolderWatch {
  close(): void;
}

/** Makes the folder where it is missing. Some file systems (of other machines) tell nothing: who must know looks now and then, too. */
export function watchFolder(path: string, onChange: () => void): FolderWatch {
  mkdirSync(path, {recursive: true});
  const watcher = watch(path, {persistent: false}, onChange);
  // No more watches to be had, or the folder is gone: what is asked is then seen when it is looked for.
  watcher.on('error', () => watcher.close());
  return {close: () => watcher.close()};
}
