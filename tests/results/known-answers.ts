// Twelve real studies: measured parameter count and best validation loss, with the fits computed elsewhere.
import type {FitPoint} from '../../src/results/fits.ts';

interface KnownFit {
  readonly horizon: number;
  readonly points: readonly FitPoint[];
  readonly alpha: number;
  readonly a: number;
  readonly rSquared: number;
  readonly interval: readonly [number, number];
}

export const knownFits: readonly KnownFit[] = [
  {
    horizon: 1,
    points: [
      {n: 2417473, loss: 0.3199377059936523},
      {n: 23882881, loss: 0.3482540547847748},
      {n: 170457985, loss: 0.3564087748527527},
      {n: 1612608513, loss: 0.3608693182468414},
    ],
    alpha: -0.017983,
    a: 0.250492,
    rSquared: 0.8457,
    interval: [-0.0414, 0.0054],
  },
  {
    horizon: 3,
    points: [
      {n: 1617729, loss: 0.263041228055954},
      {n: 16940289, loss: 0.3191487789154053},
      {n: 213206401, loss: 0.3612414300441742},
      {n: 1814714113, loss: 0.394827127456665},
    ],
    alpha: -0.056979,
    a: 0.119566,
    rSquared: 0.9745,
    interval: [-0.085, -0.0289],
  },
  {
    horizon: 5,
    points: [
      {n: 2160449, loss: 0.3370841443538666},
      {n: 21403009, loss: 0.3458277583122253},
      {n: 151460353, loss: 0.3546899557113647},
      {n: 1512268801, loss: 0.359169065952301},
    ],
    alpha: -0.009952,
    a: 0.292246,
    rSquared: 0.9741,
    interval: [-0.0149, -0.005],
  },
];
