import type { Typed } from './paths.ts';
import { splitAt, unescape } from './split.ts';
import { object } from './world.ts';

const EARTH_RADIUS_M = 6_371_000;
/** Where the value names no distance: at the server's discretion (location.html#positional). */
const DEFAULT_DISTANCE_M = 50_000;
const METRES: Record<string, number> = { km: 1000, m: 1, '[mi_i]': 1609.344 };

/** Metres between two places on a sphere, in degrees. */
export function distanceM(
  latitude1: number,
  longitude1: number,
  latitude2: number,
  longitude2: number,
): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const [a, b] = [radians(latitude1), radians(latitude2)];
  const [north, east] = [(b - a) / 2, radians(longitude2 - longitude1) / 2];
  const chord = Math.sin(north) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(east) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** `latitude|longitude|distance|unit`. */
export function nearMatches({ value }: Typed, written: string): boolean {
  const [latitude, longitude, distance = '', unit = ''] = splitAt(written, '|').map(unescape);
  const [lat, lon] = [object(value)?.latitude, object(value)?.longitude];
  if (typeof lat !== 'number' || typeof lon !== 'number') return false;
  const metres = distance === '' ? DEFAULT_DISTANCE_M : Number(distance) * METRES[unit || 'km']!;
  return distanceM(Number(latitude), Number(longitude), lat, lon) <= metres;
}
