// Writes numbers as a report's reader expects them, and finds round ticks for an axis. Pure.

const countUnits = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'K'],
] as const;

/** 2417473 as `2.42M`, 6000 as `6K`: three digits at most. */
export function formatCount(count: number): string {
  for (const [size, unit] of countUnits) {
    // 999,950 is 1M, not 1000K.
    if (Number((count / size).toPrecision(3)) >= 1) return `${Number((count / size).toPrecision(3))}${unit}`;
  }
  return String(Number(count.toPrecision(3)));
}

/** 2417473 as `2,417,473`. */
export function formatWhole(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A dash where there is no number. */
export function formatFixed(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const text = value.toFixed(digits);
  return /^-0\.?0*$/.test(text) ? text.slice(1) : text.replace('-', '−');
}

export function formatPercent(share: number | null | undefined, digits = 1): string {
  return share === null || share === undefined || !Number.isFinite(share) ? '–' : `${formatFixed(share * 100, digits)} %`;
}

/** Two units at most: `42 s`, `12 min`, `4 h 50 min`, `7 d 8 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 72) return joinUnits(hours, 'h', minutes % 60, 'min');
  return joinUnits(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** Round values within the range, for an axis with logarithmic scale: even steps over a short range, 1-2-5 or decades over a long one. */
export function findLogTicks(low: number, high: number): readonly number[] {
  const decades = Math.log10(high / low);
  if (decades < 0.75) return findEvenTicks(low, high);
  const mantissas = decades < 2.2 ? [1, 2, 5] : [1];
  const every = Math.ceil(decades / 7);
  const first = Math.floor(Math.log10(low));
  const powers = Array.from({length: Math.ceil(decades) + 2}, (_, step) => first + step).filter((power) => power % every === 0);
  const ticks = powers.flatMap((power) => mantissas.map((mantissa) => Number(`${mantissa}e${power}`)));
  return ticks.filter((tick) => tick >= low && tick <= high);
}

/** Four to nine round values within the range. */
export function findEvenTicks(low: number, high: number): readonly number[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [5, 2, 1].map((mantissa) => mantissa * power).find((candidate) => candidate <= rough) ?? power;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({length: count}, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

function joinUnits(major: number, majorUnit: string, minor: number, minorUnit: string): string {
  return minor === 0 ? `${major} ${majorUnit}` : `${major} ${majorUnit} ${minor} ${minorUnit}`;
}
