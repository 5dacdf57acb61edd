// What no file system takes: names and paths that are too long. Knows paths as texts only.

/** Bytes of one step of a path. */
const longestName = 255;
/** Bytes of a whole path, the workspace's own included, of which nothing is known here. */
const longestPath = 4096;

/** Bytes that are added to the last name of a path, and below it. */
export interface Room {
  readonly name: number;
  readonly below: number;
}

/** Why there can be no such path; undefined where there can. */
export function findLengthProblem(path: string, room: Room): string | undefined {
  const steps = path.split('/');
  for (const [index, step] of steps.entries()) {
    const most = longestName - (index === steps.length - 1 ? room.name : 0);
    const bytes = Buffer.byteLength(step);
    if (bytes > most) return `has a name of ${String(bytes)} bytes ("${step.slice(0, 20)}..."), and it may have at most ${String(most)}`;
  }
  const most = longestPath - room.below;
  const bytes = Buffer.byteLength(path);
  return bytes > most ? `is ${String(bytes)} bytes long, and it may be at most ${String(most)}` : undefined;
}
