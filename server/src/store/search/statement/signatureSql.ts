import { keySignature, type KeySignature } from '../../index/keySignature.ts';
import { isSigned, type Part } from '../plan/facts.ts';
import type { SqlParameters } from '../sqlParameters.ts';

/**
 * What a row `d` of `changes` must satisfy to lead to a resource that satisfies the parts which are about keys: its version has the bits of the keys. Rows without a
 * signature may lead to any.
 */
export function signatureSql(parts: readonly Part[], parameters: SqlParameters): string[] {
  const keyed = parts.filter(isSigned).map(({ keys }) => keys!);
  const single = keyed.filter((keys) => keys.length === 1).flat();
  const several = keyed.filter((keys) => keys.length > 1);
  const has = (keys: readonly bigint[]) => hasBits(keySignature(keys), parameters);
  return [
    ...(single.length > 0 ? [has(single)] : []),
    ...several.map((keys) => `(${keys.map((key) => has([key])).join(' OR ')})`),
  ];
}

/** In `coalesce` all bits stand for those that are not known. */
function hasBits({ a, b }: KeySignature, parameters: SqlParameters): string {
  const [first, second] = [a, b].map((word) => `${parameters.add(word)}::bigint`);
  return `(coalesce(d.keys_a, -1) & ${first} = ${first} AND coalesce(d.keys_b, -1) & ${second} = ${second})`;
}
