// The permutation that numpy draws, `default_rng(seed).permutation(count)`: SeedSequence, PCG64 and a shuffle by masked draws, bit for bit.

const mask32 = 0xffffffffn;
const mask64 = (1n << 64n) - 1n;
const mask128 = (1n << 128n) - 1n;
const multiplier = 0x2360ed051fc65da44385df649fccf645n;

/** 0 to count - 1 in drawn order. Preconditions: `seed` is a whole number from 0 on, `count` below 2^32. */
export function permutation(seed: number, count: number): readonly number[] {
  const draw = boundedDraws(pcg64(seedWords(BigInt(seed))));
  const order = Array.from({length: count}, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const chosen = draw(last);
    const [left, right] = [order[last] ?? 0, order[chosen] ?? 0];
    order[last] = right;
    order[chosen] = left;
  }
  return order;
}

// numpy's SeedSequence: the seed's words are mixed into a pool of four, from which eight words of state are drawn.
function seedWords(seed: bigint): readonly bigint[] {
  const entropy: bigint[] = [];
  for (let rest = seed; rest > 0n || entropy.length === 0; rest >>= 32n) entropy.push(rest & mask32);
  const hash = hasher(0x43b0d7e5n, 0x931e8875n);
  const pool = [0, 1, 2, 3].map((index) => hash(entropy[index] ?? 0n));
  const blend = (target: number, word: bigint): void => {
    pool[target] = mix(pool[target] ?? 0n, hash(word));
  };
  for (let source = 0; source < 4; source += 1)
    for (let target = 0; target < 4; target += 1) if (source !== target) blend(target, pool[source] ?? 0n);
  for (const word of entropy.slice(4)) for (let target = 0; target < 4; target += 1) blend(target, word);
  const spread = hasher(0x8b51f9ddn, 0x58f38dedn);
  return Array.from({length: 8}, (_, index) => spread(pool[index % 4] ?? 0n));
}

function hasher(start: bigint, factor: bigint): (word: bigint) => bigint {
  let constant = start;
  return (word) => {
    const mixed = word ^ constant;
    constant = (constant * factor) & mask32;
    const value = (mixed * constant) & mask32;
    return value ^ (value >> 16n);
  };
}

function mix(left: bigint, right: bigint): bigint {
  const value = (0xca01f9ddn * left - 0x4973f715n * right) & mask32;
  return value ^ (value >> 16n);
}

/** 64 bits a call. */
function pcg64(words: readonly bigint[]): () => bigint {
  const wide = (index: number): bigint => ((words[2 * index + 1] ?? 0n) << 32n) | (words[2 * index] ?? 0n);
  const increment = ((((wide(2) << 64n) | wide(3)) << 1n) | 1n) & mask128;
  const step = (state: bigint): bigint => (state * multiplier + increment) & mask128;
  let state = step((step(0n) + ((wide(0) << 64n) | wide(1))) & mask128);
  return () => {
    state = step(state);
    const folded = (state >> 64n) ^ (state & mask64);
    const turn = state >> 122n;
    return ((folded >> turn) | (folded << (64n - turn))) & mask64;
  };
}

/** A whole number from 0 to `last`, by 32 bits at a time: of each 64 the low half first. */
function boundedDraws(next64: () => bigint): (last: number) => number {
  let spare: bigint | undefined;
  const next32 = (): bigint => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    const drawn = next64();
    spare = drawn >> 32n;
    return drawn & mask32;
  };
  return (last) => {
    const mask = (1n << BigInt(32 - Math.clz32(last))) - 1n;
    for (;;) {
      const drawn = Number(next32() & mask);
      if (drawn <= last) return drawn;
    }
  };
}
