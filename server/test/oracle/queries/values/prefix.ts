import type { Random } from '../../data/random.ts';

/** A prefix of an ordered value (search.html#prefix); none is the most usual one. */
export function prefix(random: Random): string {
  return random.weighted([
    [30, ''],
    [10, 'eq'],
    [10, 'ne'],
    [10, 'gt'],
    [10, 'lt'],
    [10, 'ge'],
    [10, 'le'],
    [7, 'sa'],
    [7, 'eb'],
    [7, 'ap'],
  ]);
}
