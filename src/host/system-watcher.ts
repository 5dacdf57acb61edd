// Watches the files of this machine, by what its system reports, or by looking again and again.
import {findErrorCode, reasonOf} from './disk-failure.ts';
import {filterOf, type StartWatcher} from './watcher.ts';

export interface WatchMethod {
  /** Looks so often instead of asking the system: for network drives, which report nothing. */
  readonly pollMs?: number | undefined;
}

export function systemWatching({pollMs}: WatchMethod = {}): StartWatcher {
  return async (watched, listener) => {
    const {watch} = await import('chokidar');
    const filter = filterOf(watched);
    const watcher = watch([...watched.roots], {
      ignoreInitial: true,
      // A file that is replaced is one that changed; who waits for quiet needs no second delay.
      atomic: false,
      ignored: (path) => !filter.isWatched(path) && !filter.mayHold(path),
      ...(pollMs === undefined ? {} : {backend: 'polling', pollingInterval: pollMs, pollingBinaryInterval: pollMs}),
    });
    watcher.on('all', (_event, path) => {
      if (filter.isWatched(path)) listener.onChange(path);
    });
    watcher.on('error', (error) => {
      listener.onTrouble(describeTrouble(error));
    });
    await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
    return {close: () => watcher.close()};
  };
}

function describeTrouble(error: unknown): string {
  const code = findErrorCode(error);
  if (code === undefined) throw error;
  const instead = 'or use --poll, which looks once a second';
  if (code === 'ENOSPC')
    return `The system watches no more files: fs.inotify.max_user_watches is used up. Raise it (sudo sysctl fs.inotify.max_user_watches=524288), ${instead}.`;
  if (code === 'EMFILE')
    return `The system has no more watchers: fs.inotify.max_user_instances, or the number of open files, is used up. Raise it (sudo sysctl fs.inotify.max_user_instances=512), ${instead}.`;
  return `Files cannot be watched: ${reasonOf(code)}. Try --poll, which looks once a second.`;
}
