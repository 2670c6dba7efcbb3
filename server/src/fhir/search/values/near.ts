import type { Vicinity } from '../ast.ts';
import { ValueFault, listed } from '../faults.ts';
import { NEAR_DISTANCE_DEFAULT_M } from '../limits.ts';
import { splitUnescaped, unescapeValue } from '../split.ts';
import { numberSpan } from './number.ts';

/** Metres in UCUM's units of length; US survey units are defined by 3937 ft = 1200 m. */
const METRES: Readonly<Record<string, number>> = {
  km: 1000,
  m: 1,
  dm: 0.1,
  cm: 0.01,
  mm: 0.001,
  '[mi_i]': 1609.344,
  '[nmi_i]': 1852,
  '[yd_i]': 0.9144,
  '[ft_i]': 0.3048,
  '[in_i]': 0.0254,
  '[mi_us]': (5280 * 1200) / 3937,
  '[yd_us]': (3 * 1200) / 3937,
  '[ft_us]': 1200 / 3937,
};
const UNIT_DEFAULT = 'km';

/**
 * `latitude|longitude[|distance[|unit]]` (http://hl7.org/fhir/R4/location.html#positional): degrees of WGS 84, the
 * unit in UCUM, kilometres without one; within NEAR_DISTANCE_DEFAULT_M without a distance.
 *
 * @throws ValueFault
 */
export function parseNear(text: string): Vicinity {
  const parts = splitUnescaped(text, '|').map(unescapeValue);
  const [latitude = '', longitude = '', distance = '', unit = ''] = parts;
  if (parts.length < 2 || parts.length > 4) {
    throw new ValueFault(
      'is no place: write latitude|longitude|distance|unit, of which the last two may be left out.',
    );
  }
  if (distance === '' && unit !== '') throw new ValueFault('has a unit but no distance.');
  return {
    latitude: within(latitude, 'latitude', -90, 90),
    longitude: within(longitude, 'longitude', -180, 180),
    distanceM:
      distance === ''
        ? NEAR_DISTANCE_DEFAULT_M
        : within(distance, 'distance', 0, Number.MAX_VALUE) * metres(unit === '' ? UNIT_DEFAULT : unit),
  };
}

function within(text: string, what: string, min: number, max: number): number {
  let exact: number | undefined;
  try {
    exact = numberSpan(text).exact;
  } catch (error) {
    if (!(error instanceof ValueFault)) throw error;
  }
  if (exact !== undefined && exact >= min && exact <= max) return exact;
  const range = max === Number.MAX_VALUE ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new ValueFault(`has a wrong ${what}: it must be a number ${range}.`);
}

function metres(unit: string): number {
  if (Object.hasOwn(METRES, unit)) return METRES[unit]!;
  throw new ValueFault(`has an unknown unit of length: write one of ${listed(Object.keys(METRES))}.`);
}
