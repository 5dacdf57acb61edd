// Where this user's programs keep what can be made again. Knows nothing of what that is.
import {homedir} from 'node:os';
import {isAbsolute, join} from 'node:path';

interface User {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Absolute. */
  readonly home: string;
}

const thisUser: User = {environment: process.env, platform: process.platform, home: homedir()};

/** By the rules of each system; a relative XDG_CACHE_HOME counts as none. */
export function userCacheFolder({environment, platform, home}: User = thisUser): string {
  const named = environment['XDG_CACHE_HOME'];
  if (named !== undefined && isAbsolute(named)) return named;
  return join(home, platform === 'darwin' ? 'Library/Caches' : '.cache');
}
