// Branded texts that must not be mixed. Each brand is made in one place, where the text is checked.
declare const brand: unique symbol;
type Branded<Name extends string> = string & {readonly [brand]: Name};

/** A node of the graph: its first output's path, or `rule:name` for a node without outputs. */
export type NodeId = Branded<'NodeId'>;
/** SHA-256 of some bytes, lower-case hexadecimal, 64 characters. */
export type Digest = Branded<'Digest'>;
/** SHA-256 of a node's manifest, lower-case hexadecimal, 64 characters. */
export type Key = Branded<'Key'>;
/** A path relative to the workspace, forward slashes, no `.` or `..` steps, no leading slash. */
export type ProjectPath = Branded<'ProjectPath'>;

const hexDigest = /^[0-9a-f]{64}$/;

export function nodeId(text: string): NodeId {
  return text as NodeId;
}

export function digest(text: string): Digest {
  if (!hexDigest.test(text)) throw new Error(`unreachable: ${JSON.stringify(text)} is no SHA-256 digest`);
  return text as Digest;
}

export function key(text: string): Key {
  if (!hexDigest.test(text)) throw new Error(`unreachable: ${JSON.stringify(text)} is no key`);
  return text as Key;
}

/** The path in its normal form, or undefined where it is absolute, leaves the workspace or holds a control character. */
export function findProjectPath(text: string): ProjectPath | undefined {
  if (text === '' || text.startsWith('/') || /[\u0000-\u001f\u007f\\]/.test(text) || /^[A-Za-z]:/.test(text)) return undefined;
  const steps = text.split('/').filter((step) => step !== '' && step !== '.');
  if (steps.length === 0 || steps.includes('..')) return undefined;
  return steps.join('/') as ProjectPath;
}

/** For paths that this program composed itself of checked names. */
export function projectPath(text: string): ProjectPath {
  const path = findProjectPath(text);
  if (path === undefined) throw new Error(`unreachable: ${JSON.stringify(text)} is no path inside the workspace`);
  return path;
}
