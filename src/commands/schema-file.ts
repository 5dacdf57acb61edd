// The schema beside a study that names it in its first line: kept up to date, so that an editor knows today's names.
import type {Disk} from '../host/disk.ts';

/** Where `init` lets the study's first line look for it. */
export const schemaFile = '.ftsbuild/schema.json';

export function asksForSchema(disk: Disk, file: string): boolean {
  return disk.readText(file)?.includes(`$schema=${schemaFile}`) === true;
}

export async function writeSchema(disk: Disk, file: string): Promise<void> {
  const {namedSchema} = await import('./schema.ts');
  writeChanged(disk, schemaFile, namedSchema(disk, file));
}

export function writeChanged(disk: Disk, path: string, text: string): void {
  if (disk.readText(path) !== text) disk.write(path, text);
}
