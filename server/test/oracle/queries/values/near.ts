import { POSITIONS } from '../../data/pools.ts';
import type { Random } from '../../data/random.ts';

/** `latitude|longitude|distance|unit`: at one of the places or beside it; distances that none of the data lies on. */
export function nearText(random: Random): string {
  const [latitude, longitude] = random.pick(POSITIONS);
  const beside = (degrees: number, most: number) =>
    Math.max(-most, Math.min(most, Number((degrees + random.pick([0, 0.001, -0.01])).toFixed(4))));
  const place = `${beside(latitude, 90)}|${beside(longitude, 180)}`;
  return (
    place +
    random.weighted([
      [20, ''],
      [20, '|0.5'],
      [20, '|1.7|km'],
      [20, '|250|m'],
      [10, '|3|[mi_i]'],
      [10, '|600'],
      [5, '|15000|km'],
    ])
  );
}
