// Quantities as a person writes them (4h, 10GB, 2M), and back. Knows nothing of where they are written.

const durationUnits: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

const sizeUnits: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40],
]);

// B is a billion here, as in "a 2B model"; bytes have a function of their own.
const countUnits: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1e3],
  ['K', 1e3],
  ['M', 1e6],
  ['B', 1e9],
]);

const duration = /^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/;
const durationPart = /(\d+(?:\.\d+)?)(ms|[smhd])/g;
const size = /^(\d+(?:\.\d+)?) ?([KMGT]i?B|B)$/;
const count = /^(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?) ?([kKMB]?)$/;

/** `4h`, `30m`, `1h30m`, `12s`, `2d`, `250ms` in milliseconds; undefined for any other text. */
export function parseDuration(text: string): number | undefined {
  if (!duration.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(durationPart)) totalMs += Number(amount) * (durationUnits.get(unit ?? '') ?? Number.NaN);
  return Math.round(totalMs);
}

/** `10GB`, `1.5 TB`, `512MiB` in bytes; undefined for any other text. */
export function parseSize(text: string): number | undefined {
  return scaled(size.exec(text), sizeUnits);
}

/** `2M`, `6K`, `2B`, `2.0e6`, `2000000` as a number; undefined for any other text. */
export function parseCount(text: string): number | undefined {
  return scaled(count.exec(text), countUnits);
}

function scaled(match: RegExpExecArray | null, units: ReadonlyMap<string, number>): number | undefined {
  const factor = units.get(match?.[2] ?? '');
  // Rounded, because 1.1 * 1e6 is not a whole number in floating point.
  return match === null || factor === undefined ? undefined : Math.round(Number(match[1]) * factor);
}

/** The two largest units: `250ms`, `12s`, `8m 2s`, `25m`, `4h 30m`, `2d 3h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = Math.round(ms / 1000);
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  const shown = parts.slice(first, first + 2).filter(([amount]) => amount > 0);
  return shown.map(([amount, unit]) => `${amount}${unit}`).join(' ');
}

/** Three significant digits: `950 B`, `6.1 KB`, `2.42 GB`. */
export function formatBytes(bytes: number): string {
  for (const [unit, factor] of [
    ['TB', 1e12],
    ['GB', 1e9],
    ['MB', 1e6],
    ['KB', 1e3],
  ] as const) {
    if (bytes >= factor) return `${Number((bytes / factor).toPrecision(3))} ${unit}`;
  }
  return `${bytes} B`;
}

/** Three significant digits: `950`, `6.1K`, `2.42M`, `1.61B`. */
export function formatCount(value: number): string {
  for (const [unit, factor] of [
    ['B', 1e9],
    ['M', 1e6],
    ['K', 1e3],
  ] as const) {
    if (Math.abs(value) >= factor) return `${Number((value / factor).toPrecision(3))}${unit}`;
  }
  return String(Number(value.toPrecision(3)));
}
