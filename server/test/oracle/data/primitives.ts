import { rawNumber } from './decimal.ts';
import { CODES, DATES, DATE_TIMES, DECIMALS, TEXTS, URLS, WORDS } from './pools.ts';
import type { Random } from './random.ts';

/** A value of each primitive type of FHIR, in JSON; undefined for what is no primitive. */
export function primitive(random: Random, type: string): unknown {
  return PRIMITIVES[type]?.(random);
}

const PRIMITIVES: Record<string, (random: Random) => unknown> = {
  boolean: (random) => random.chance(0.5),
  integer: (random) => random.below(12) - 2,
  unsignedInt: (random) => random.below(10),
  positiveInt: (random) => 1 + random.below(10),
  decimal: (random) => rawNumber(random.pick(DECIMALS)),
  string: (random) => random.pick(TEXTS),
  markdown: (random) => (random.chance(0.5) ? random.pick(TEXTS) : words(random)),
  code: (random) => random.pick(CODES),
  id: (random) => `id${random.below(5)}`,
  uri: (random) => random.pick(URLS),
  url: (random) => random.pick(URLS.filter((url) => url.startsWith('http'))),
  canonical: (random) => random.pick(URLS) + (random.chance(0.3) ? `|${1 + random.below(2)}` : ''),
  oid: (random) => `urn:oid:1.2.3.${random.below(5)}`,
  uuid: (random) => `urn:uuid:c757873d-ec9a-4326-a141-55000000000${random.below(5)}`,
  date: (random) => random.pick(DATES),
  dateTime: (random) => random.pick(random.chance(0.4) ? DATES : DATE_TIMES),
  instant: (random) => random.pick(DATE_TIMES.filter((text) => !text.includes(':60Z'))),
  time: (random) => `1${random.below(10)}:30:00`,
  base64Binary: () => 'TWF4UmF5',
};

/** A few words for full text. */
export function words(random: Random): string {
  return Array.from({ length: 2 + random.below(4) }, () => random.pick(WORDS)).join(' ');
}
