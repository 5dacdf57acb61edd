// Student's t, through the regularised incomplete beta function. Knows nothing of fits.

/** The t that a share `probability` (0.5 to 1) of the distribution lies below. */
export function tQuantile(probability: number, degreesOfFreedom: number): number {
  let above = 1;
  while (tUpperTail(above, degreesOfFreedom) > 1 - probability) above *= 2;
  let below = 0;
  // Bisection down to neighbouring doubles: slow and certain; a report asks for a handful.
  for (let middle = above / 2; middle > below && middle < above; middle = (below + above) / 2) {
    if (tUpperTail(middle, degreesOfFreedom) > 1 - probability) below = middle;
    else above = middle;
  }
  return above;
}

/** The share of the distribution above `t` (0 or more). */
export function tUpperTail(t: number, degreesOfFreedom: number): number {
  return incompleteBeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5) / 2;
}

/** I_x(a, b), DLMF 8.17. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The continued fraction converges fast on this side of the mean only; the other side follows by symmetry.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b)) / a;
  return front * betaFraction(x, a, b);
}

// DLMF 8.17.22, evaluated front to back (modified Lentz).
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const awayFromZero = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let numerator = 1;
  let inverse = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let value = inverse;
  for (let m = 1; m <= 1000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let step = 1;
    for (const term of [even, odd]) {
      inverse = 1 / awayFromZero(1 + term * inverse);
      numerator = awayFromZero(1 + term / numerator);
      step = inverse * numerator;
      value *= step;
    }
    if (Math.abs(step - 1) < 1e-15) return value;
  }
  return value;
}

// Stirling's series (DLMF 5.11.1) from 10 upwards, reached by the recurrence: 1e-14 and better.
function logGamma(z: number): number {
  let product = 1;
  let x = z;
  for (; x < 10; x += 1) product *= x;
  const square = x * x;
  const series = (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / x;
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series - Math.log(product);
}
