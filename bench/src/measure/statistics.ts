/** The value that `percent` of the values do not exceed (nearest rank); `sorted` ascending. NaN of nothing. */
export const percentile = (sorted: ArrayLike<number>, percent: number): number => {
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] ?? NaN;
};

/** The middle value, or the mean of the two in the middle. NaN of nothing. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length % 2) return sorted[Math.floor(middle)] as number;
  return ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
};

/** (greatest - least) / median: how far repeated measurements lie apart. */
export const spread = (values: readonly number[]): number =>
  (Math.max(...values) - Math.min(...values)) / median(values);

/**
 * The median of the ratios of neighbours in time, `of[i] / to[i]`. A slow minute of the machine slows both of a pair, so
 * this is steadier than the ratio of two medians.
 */
export const pairedRatio = (of: readonly number[], to: readonly number[]): number => {
  if (of.length !== to.length) throw new RangeError(`pairs are needed: ${of.length} and ${to.length} values`);
  return median(of.map((value, at) => value / (to[at] as number)));
};
