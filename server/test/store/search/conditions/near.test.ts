import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Condition, Vicinity } from '../../../../src/fhir/search/ast.ts';
import {
  boundingBox,
  EARTH_RADIUS_M,
  halfChordSquared,
} from '../../../../src/store/search/conditions/near.ts';
import { ConditionWorld } from './support.ts';

/** Those with a position. */
const ALL = [
  'berlin',
  'east',
  'fiji',
  'origin',
  'own-meridian',
  'pole',
  'potsdam',
  'same-meridian',
  'samoa',
  'turned',
];

/** Metres of a degree along a meridian. */
const DEGREE_M = (EARTH_RADIUS_M * Math.PI) / 180;

describe('near', () => {
  let world: ConditionWorld;

  beforeAll(async () => {
    world = await ConditionWorld.open();
    const at = (latitude: number, longitude: number) => ({ position: { latitude, longitude } });
    await world.putAll('Location', {
      berlin: at(52.52, 13.405),
      potsdam: at(52.3906, 13.0645),
      fiji: at(-17.7, 179.9),
      samoa: at(-17.7, -179.9),
      turned: at(-17.7, 180.2),
      pole: at(89.99, -70),
      origin: at(0, 0),
      east: at(0, 1),
      'own-meridian': at(10, 180),
      'same-meridian': at(10, -180),
      nowhere: {},
      half: { position: { latitude: 52.52 } },
    });
  });
  afterAll(() => world.close());

  const near = (...places: Vicinity[]): Condition => ({
    kind: 'near',
    parameter: world.parameter('Location', 'near'),
    places,
  });
  const place = (latitude: number, longitude: number, distanceM: number): Vicinity => ({
    latitude,
    longitude,
    distanceM,
  });

  test.each<[string, Vicinity[], string[]]>([
    ['itself', [place(52.52, 13.405, 0)], ['berlin']],
    ['itself by another longitude', [place(10, -180, 0)], ['own-meridian', 'same-meridian']],
    ['27 km are not 26', [place(52.52, 13.405, 26_000)], ['berlin']],
    ['and not 28', [place(52.52, 13.405, 28_000)], ['berlin', 'potsdam']],
    ['across the antimeridian, from the east', [place(-17.7, -179.95, 50_000)], ['fiji', 'samoa', 'turned']],
    ['and from the west', [place(-17.7, 179.95, 50_000)], ['fiji', 'samoa', 'turned']],
    ['on the antimeridian, but near only one', [place(-17.7, 180, 10_700)], ['fiji', 'samoa']],
    ['across the pole', [place(89.99, 110, 3_000)], ['pole']],
    ['across the pole, not far enough', [place(89.99, 110, 2_000)], []],
    ['within a degree', [place(0, 0, DEGREE_M * 1.000001)], ['east', 'origin']],
    ['short of a degree', [place(0, 0, DEGREE_M * 0.999999)], ['origin']],
    ['the whole Earth', [place(10, 10, EARTH_RADIUS_M * 4)], ALL],
    ['one of two places', [place(0, 0, 10), place(89.99, -70, 10)], ['origin', 'pole']],
    ['the antipodes', [place(0, 180, EARTH_RADIUS_M * Math.PI)], ALL],
  ])('%s', async (_, places, found) => {
    expect(await world.find('Location', near(...places))).toEqual(found);
  });

  test('a box holds its circle', () => {
    const outside: string[] = [];
    for (const latitude of [0, 30, -60, 85]) {
      for (const distanceM of [1, 1_000, 300_000]) {
        const box = boundingBox({ latitude, longitude: 170, distanceM });
        for (let bearing = 0; bearing < 360; bearing += 1) {
          const [lat, lon] = destination(latitude, 170, distanceM, bearing);
          const inLongitude = box.longitudes?.some(([from, to]) => lon >= from && lon <= to) ?? true;
          if (lat < box.latitude[0] || lat > box.latitude[1] || !inLongitude)
            outside.push(`${latitude} ${distanceM} ${bearing}`);
        }
      }
    }
    expect(outside).toEqual([]);
    expect(boundingBox({ latitude: 89, longitude: 0, distanceM: 200_000 }).longitudes).toBeUndefined();
    expect(boundingBox({ latitude: 60, longitude: 0, distanceM: 1_000 }).longitudes![1]![1]).toBeLessThan(
      0.02,
    );
  });

  test('SQL: both axes of one resource, then the distance', () => {
    const { sql, values } = world.sqlOf('Location', near(place(0, 10, 1_000)));
    expect(sql).toBe(
      'EXISTS (SELECT FROM location_ranges s1, location_ranges s2 WHERE s1.rid = m.rid AND s1.param = $1::bigint AND s1.unit = $2::bigint AND s1.lo BETWEEN $3::float8 AND $4::float8 AND s2.rid = m.rid AND s2.param = $5::bigint AND s2.unit = $6::bigint AND (s2.lo BETWEEN $7::float8 AND $8::float8 OR s2.lo BETWEEN $9::float8 AND $10::float8 OR s2.lo BETWEEN $11::float8 AND $12::float8) AND power(sin(radians(s1.lo - $13::float8) / 2), 2) + $15::float8 * cos(radians(s1.lo)) * power(sin(radians(s2.lo - $14::float8) / 2), 2) <= $16::float8)',
    );
    expect(values.slice(12, 15)).toEqual([0, 10, 1]);
    expect(values[15]).toBe(halfChordSquared(1_000));
  });
});

/** Where one gets from a place, going a distance in a direction (degrees from north). */
function destination(
  latitude: number,
  longitude: number,
  distanceM: number,
  bearing: number,
): [number, number] {
  const rad = Math.PI / 180;
  const [angle, lat, course] = [distanceM / EARTH_RADIUS_M, latitude * rad, bearing * rad];
  const to = Math.asin(Math.sin(lat) * Math.cos(angle) + Math.cos(lat) * Math.sin(angle) * Math.cos(course));
  const turn = Math.atan2(
    Math.sin(course) * Math.sin(angle) * Math.cos(lat),
    Math.cos(angle) - Math.sin(lat) * Math.sin(to),
  );
  return [to / rad, longitude + turn / rad];
}
