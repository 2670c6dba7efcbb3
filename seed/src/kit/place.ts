import type { Address, LocationPosition } from '@medplum/fhirtypes';
import { fixed } from './decimal.ts';

/** A town that the clinic serves. */
export interface Town {
  city: string;
  postalCode: string;
  latitude: number;
  longitude: number;
}

export const PHOENIX: Town = { city: 'Phoenix', postalCode: '85004', latitude: 33.4484, longitude: -112.074 };

export const TOWNS: readonly Town[] = [
  PHOENIX,
  { city: 'Tempe', postalCode: '85281', latitude: 33.4255, longitude: -111.94 },
  { city: 'Mesa', postalCode: '85201', latitude: 33.4152, longitude: -111.8315 },
  { city: 'Scottsdale', postalCode: '85251', latitude: 33.4942, longitude: -111.9261 },
  { city: 'Glendale', postalCode: '85301', latitude: 33.5387, longitude: -112.186 },
  { city: 'Wickenburg', postalCode: '85390', latitude: 33.9686, longitude: -112.7296 },
  { city: 'Gila Bend', postalCode: '85337', latitude: 32.9478, longitude: -112.7168 },
  { city: 'Globe', postalCode: '85501', latitude: 33.3942, longitude: -110.7865 },
];

export const STREETS = [
  'Ocotillo Road',
  'Palo Verde Lane',
  'Saguaro Avenue',
  'Mesquite Street',
  'Camino del Sol',
  'Ironwood Drive',
  'Quail Run',
  'Camelback Way',
] as const;

/** A postal address in Arizona. */
export function address(town: Town, line: string, use: Address['use'] = 'work'): Address {
  return {
    use,
    type: 'both',
    line: [line],
    city: town.city,
    state: 'AZ',
    postalCode: town.postalCode,
    country: 'US',
  };
}

/** WGS84 position to about a metre. */
export function position(latitude: number, longitude: number): LocationPosition {
  return { latitude: fixed(latitude, 5), longitude: fixed(longitude, 5) };
}
