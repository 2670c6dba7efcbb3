import type { Condition, Vicinity } from '../../../fhir/search/ast.ts';
import type { Key, RangeRow } from '../../index/rows.ts';
import { halfChordSquared } from '../conditions/near.ts';
import type { MatchContext, Matcher } from './candidate.ts';

/** `near`: what `nearCondition` asks in SQL, which adds boxes only to find rows quickly. */
export function nearMatcher(
  { index, type }: MatchContext,
  { parameter, places }: Extract<Condition, { kind: 'near' }>,
): Matcher {
  const { latitude, longitude } = index.positionParams(type, parameter);
  const along = (ranges: readonly RangeRow[], param: Key) => ranges.filter((row) => row.param === param);
  return ({ rows: { ranges } }) =>
    latitude.some((param, i) =>
      along(ranges, param).some(({ lo: lat }) =>
        along(ranges, longitude[i]!).some(({ lo: lon }) => places.some((place) => isWithin(place, lat, lon))),
      ),
    );
}

/** Half the chord between two points on the unit sphere, squared, is compared: it rises with the distance. */
function isWithin({ latitude, longitude, distanceM }: Vicinity, lat: number, lon: number): boolean {
  const across = Math.cos(radians(latitude)) * Math.cos(radians(lat)) * haversine(lon - longitude);
  return haversine(lat - latitude) + across <= halfChordSquared(distanceM);
}

const haversine = (degrees: number) => Math.sin(radians(degrees) / 2) ** 2;
const radians = (degrees: number) => (degrees * Math.PI) / 180;
