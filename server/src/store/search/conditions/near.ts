import type { Condition, Vicinity } from '../../../fhir/search/ast.ts';
import type { Key } from '../../index/rows.ts';
import { NO_UNIT } from '../../index/values/quantity.ts';
import type { ConditionContext } from './context.ts';
import { anyOf, isKey } from './expressions.ts';

/** Mean radius of the WGS 84 ellipsoid, (2a + b) / 3, in metres: distances are off by 0.6 % at most. */
export const EARTH_RADIUS_M = 6_371_008.8;

/** How far apart two ways to write one place may be calculated to be (longitudes 180 and -180, any two at a pole): far less. */
const SAME_PLACE_M = 0.001;

/** Degrees by which boxes are larger than they must be, so that rounding puts nothing outside. */
const BOX_MARGIN_DEG = 1e-7;

/**
 * `near` (http://hl7.org/fhir/R4/location.html#positional): within a distance along the great circle of a sphere. The
 * ranges of latitude and longitude are looked up, then the distance (haversine) decides.
 */
export function nearCondition(
  context: ConditionContext,
  { parameter, places }: Extract<Condition, { kind: 'near' }>,
): string {
  const { latitude, longitude } = context.index.positionParams(context.type, parameter);
  return anyOf(
    places.flatMap((place) =>
      latitude.map((param, i) => withinDistance(context, place, param, longitude[i]!)),
    ),
  );
}

function withinDistance(context: ConditionContext, place: Vicinity, latitude: Key, longitude: Key): string {
  const { alias, aliases, parameters, tables } = context;
  const [lat, lon] = [aliases.next('s'), aliases.next('s')];
  const number = (value: number) => `${parameters.add(value)}::float8`;
  const axis = (row: string, param: Key) =>
    `${row}.rid = ${alias}.rid AND ${isKey(parameters, `${row}.param`, [param])} AND ${isKey(parameters, `${row}.unit`, [NO_UNIT])}`;
  const between = (row: string, [from, to]: Range) => `${row}.lo BETWEEN ${number(from)} AND ${number(to)}`;
  const box = boundingBox(place);
  const where = [
    axis(lat, latitude),
    between(lat, box.latitude),
    axis(lon, longitude),
    ...(box.longitudes ? [anyOf(box.longitudes.map((range) => between(lon, range)))] : []),
    distanceAtMost(place, `${lat}.lo`, `${lon}.lo`, number),
  ];
  return `EXISTS (SELECT FROM ${tables.ranges} ${lat}, ${tables.ranges} ${lon} WHERE ${where.join(' AND ')})`;
}

/** Half the chord between two points on the unit sphere, squared, is compared: it rises with the distance. */
function distanceAtMost(
  { latitude, longitude, distanceM }: Vicinity,
  lat: string,
  lon: string,
  number: (value: number) => string,
): string {
  const square = halfChordSquared(distanceM);
  const [lat0, lon0, cos0] = [latitude, longitude, Math.cos(radians(latitude))].map(number);
  const haversine = (degrees: string) => `power(sin(radians(${degrees}) / 2), 2)`;
  return `${haversine(`${lat} - ${lat0}`)} + ${cos0} * cos(radians(${lat})) * ${haversine(`${lon} - ${lon0}`)} <= ${number(square)}`;
}

/** Of two points so far apart on the unit sphere. */
export function halfChordSquared(distanceM: number): number {
  return Math.sin(Math.min(angleOf(distanceM) / 2, Math.PI / 2)) ** 2;
}

const angleOf = (distanceM: number) => (distanceM + SAME_PLACE_M) / EARTH_RADIUS_M;

type Range = readonly [from: number, to: number];

export interface BoundingBox {
  latitude: Range;
  /** Any of them; absent: every longitude, because the circle holds a pole. */
  longitudes?: Range[];
}

/** The degrees in which a circle lies. Longitudes come three times, a turn apart, so that the antimeridian is no border. */
export function boundingBox({ latitude, longitude, distanceM }: Vicinity): BoundingBox {
  const angle = angleOf(distanceM);
  const reach = degrees(angle) + BOX_MARGIN_DEG;
  const box: BoundingBox = { latitude: [latitude - reach, latitude + reach] };
  if (latitude - reach <= -90 || latitude + reach >= 90) return box;
  const width = degrees(Math.asin(Math.sin(angle) / Math.cos(radians(latitude)))) + BOX_MARGIN_DEG;
  box.longitudes = [-360, 0, 360].map((turn) => [longitude - width + turn, longitude + width + turn]);
  return box;
}

function radians(value: number): number {
  return (value * Math.PI) / 180;
}

function degrees(value: number): number {
  return (value * 180) / Math.PI;
}
