// The prices that labels are made of, as the data manifest keeps them: lines `date,high,close` as Base64 of zlib. Knows no labels.
import {inflateSync} from 'node:zlib';

/** Of the usable rows of a dataset, oldest first; all three have the same length. */
export interface Prices {
  /** ISO dates. */
  readonly dates: readonly string[];
  readonly high: readonly number[];
  readonly close: readonly number[];
}

/** Undefined where the text is damaged: then nothing is known. */
export function unpackPrices(packed: string): Prices | undefined {
  const text = inflated(packed);
  if (text === undefined) return undefined;
  const dates: string[] = [];
  const high: number[] = [];
  const close: number[] = [];
  for (const line of text.split('\n')) {
    const [date = '', top = '', last = ''] = line.split(',');
    dates.push(date);
    high.push(Number(top));
    close.push(Number(last));
  }
  return [...high, ...close].every(Number.isFinite) ? {dates, high, close} : undefined;
}

function inflated(packed: string): string | undefined {
  try {
    return inflateSync(Buffer.from(packed, 'base64')).toString('utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
