// Makes the log ready for a row: begins it, and sets aside a file whose header is not today's. Rows are appended under their own header only.
import type {ProjectPath} from '../base/ids.ts';
import type {Clock} from '../host/clock.ts';
import type {Disk} from '../host/disk.ts';
import {judgeHeader} from '../results/log-header.ts';
import {formatHeader} from '../results/log.ts';
import {renewLog} from '../results/parse-log.ts';

/** A log that was begun anew. */
export interface RenewedLog {
  readonly path: ProjectPath;
  /** Where the file is now that was there before. */
  readonly movedTo: string;
  /** For a person, as a sentence without its end. */
  readonly why: string;
}

export function beginLog(disk: Disk, clock: Clock, path: ProjectPath): RenewedLog | undefined {
  let text = disk.readText(path);
  if (text === undefined && disk.create(path, formatHeader()) === 'created') return undefined;
  text ??= disk.readText(path) ?? '';
  const header = judgeHeader(text);
  switch (header?.at) {
    case 'today':
      return undefined;
    case undefined:
      disk.append(path, formatHeader());
      return undefined;
    case 'earlier': {
      const movedTo = freePlace(disk, clock, path);
      // A copy first: at no moment are the rows nowhere.
      disk.copy(path, movedTo);
      const {text: renewed, leftOut} = renewLog(text, header.columns);
      disk.write(path, renewed);
      const less = leftOut === 0 ? '' : `, but for ${String(leftOut)} that are cut off or not whole`;
      return {
        path,
        movedTo,
        why: `it had the ${String(header.columns.length)} columns of an earlier version; its rows were taken over${less}`,
      };
    }
    case 'other': {
      const movedTo = freePlace(disk, clock, path);
      disk.move(path, movedTo);
      disk.create(path, formatHeader());
      return {path, movedTo, why: `it is not this program's: ${header.why}. Its rows count nowhere`};
    }
  }
}

function freePlace(disk: Disk, clock: Clock, path: ProjectPath): string {
  const time = new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '');
  let place = `.ftsbuild/kept/log-${time}/${path}`;
  for (let copy = 2; disk.stat(place) !== 'missing'; copy++) place = `.ftsbuild/kept/log-${time}-${String(copy)}/${path}`;
  return place;
}
