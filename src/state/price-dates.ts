// Whether the dates of bars can be: what `fts.data.plausibility` refuses. Knows nothing of files.

/** First and last trading day of the week; Monday is 0. */
const calendars: ReadonlyMap<string, readonly [first: number, last: number]> = new Map([
  ['mon-fri', [0, 4]],
  ['sun-thu', [6, 3]],
]);
const days = ['Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays', 'Sundays'];
const spacings: ReadonlyMap<string, readonly [low: number, high: number]> = new Map([
  ['daily', [1, 3]],
  ['2d', [2, 4]],
  ['3d', [3, 6]],
  ['5d', [5, 9]],
  ['weekly', [5, 9]],
]);
/** Fewer rows say nothing of a rhythm. */
const fewestRows = 10;

export interface Rhythm {
  readonly timescale: string;
  readonly calendar: string;
  /** Days since 1970-01-01. */
  readonly today: number;
}

/** Days since 1970-01-01 of a text like 1999-12-31, a time of day after it aside; undefined where it is none. */
export function dayOf(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d(?:$|[ T])/.test(text)) return undefined;
  const ms = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(ms) || isoOf(ms / dayMs) !== text.slice(0, 10) ? undefined : ms / dayMs;
}

const dayMs = 86_400_000;

export function isoOf(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** What cannot be of ascending dates, given as days; undefined when nothing. */
export function findImpossibleDates(dates: readonly number[], rhythm: Rhythm): string | undefined {
  const last = dates.at(-1);
  if (last === undefined) return undefined;
  if (last > rhythm.today + (rhythm.timescale === 'daily' ? 1 : 7))
    return `column "Date" ends with ${isoOf(last)}, which is in the future (today is ${isoOf(rhythm.today)} by this machine's clock); correct the date`;
  if (dates.length < fewestRows) return undefined;
  const spacing = medianSpacing(dates);
  const [low, high] = spacings.get(rhythm.timescale) ?? [0, Infinity];
  if (spacing < low || spacing > high)
    return `bars are ${String(spacing)} days apart (median), which is not \`timescale: ${rhythm.timescale}\`; set the timescale that the file has, or put prices of this one there`;
  return rhythm.timescale === 'daily' ? findShift(dates, rhythm.calendar) : undefined;
}

/** What raw bars that are made into `timescale` are themselves: daily, unless they have the wanted spacing already. */
export function rhythmOf(dates: readonly number[], timescale: string): string {
  if (dates.length < fewestRows) return timescale;
  const spacing = medianSpacing(dates);
  const [low, high] = spacings.get(timescale) ?? [0, Infinity];
  return spacing > 3 && spacing >= low && spacing <= high ? timescale : 'daily';
}

// Bars on the day before the trading week without any on its last day, or on the day after it without any on its first.
function findShift(dates: readonly number[], calendar: string): string | undefined {
  const counts = [0, 0, 0, 0, 0, 0, 0];
  for (const day of dates) counts[weekday(day)] = (counts[weekday(day)] ?? 0) + 1;
  const [first, last] = calendars.get(calendar) ?? [0, 4];
  const enough = dates.length / 20;
  for (const [strange, absent, side] of [[(first + 6) % 7, last, 'early'] as const, [(last + 1) % 7, first, 'late'] as const]) {
    const [found, lacking] = [counts[strange] ?? 0, counts[absent] ?? 0];
    if (found <= enough || lacking >= enough / 10) continue;
    const day = dates.find((date) => weekday(date) === strange) ?? 0;
    const other = [...calendars].find(([name, [begin, end]]) => name !== calendar && (counts[begin] ?? 0) > 0 && (counts[end] ?? 0) > 0);
    return (
      `dates are shifted: ${String(found)} bars are on ${days[strange] ?? ''} (the first ${isoOf(day)}) and ${String(lacking)} on ` +
      `${days[absent] ?? ''}, so each is dated a day ${side}, as midnight told in another time zone; ` +
      `write the exchange's own dates${other === undefined ? '' : `, or set \`calendar: ${other[0]}\``}`
    );
  }
  return undefined;
}

// 1970-01-01 was a Thursday.
function weekday(day: number): number {
  return (day + 3) % 7;
}

function medianSpacing(dates: readonly number[]): number {
  const gaps = dates
    .slice(1)
    .map((day, index) => day - (dates[index] ?? day))
    .toSorted((left, right) => left - right);
  const middle = gaps.length >> 1;
  return gaps.length % 2 === 1 ? (gaps[middle] ?? 0) : ((gaps[middle - 1] ?? 0) + (gaps[middle] ?? 0)) / 2;
}
