import type { Random } from './random.ts';

/**
 * Breaks one place of a resource, whatever comes of it: wrong types, sizes and shapes, parts of it in other places, contents that
 * are hard to check.
 */
export function broken(resource: object, random: Random): object {
  const copy = structuredClone(resource) as Json;
  const places = placesOf(copy);
  const times = 1 + random.below(3);
  for (let i = 0; i < times; i++) breakAt(random.pick(places), places, random);
  return copy as object;
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
interface Place {
  parent: Record<string, Json>;
  key: string;
}

function placesOf(value: Json, places: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return places;
  const parent = value as Record<string, Json>;
  for (const key of Object.keys(parent)) {
    if (key === 'resourceType' && places.length === 0) continue;
    places.push({ parent, key });
    placesOf(parent[key]!, places);
  }
  return places;
}

function breakAt({ parent, key }: Place, places: readonly Place[], random: Random): void {
  const value = parent[key]!;
  switch (random.below(7)) {
    case 0:
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete parent[key];
      return;
    case 1:
      parent[key] = random.pick(ODD)();
      return;
    case 2:
      parent[key] = [value, structuredClone(value)];
      return;
    case 3: {
      const other = random.pick(places);
      parent[key] = structuredClone(other.parent[other.key] ?? null);
      return;
    }
    case 4:
      if (Array.isArray(parent)) parent.push(structuredClone(value));
      else parent[random.pick(NAMES)] = structuredClone(value);
      return;
    case 5:
      if (!Array.isArray(parent)) parent[random.pick(NAMES)] = random.pick(ODD)();
      return;
    default:
      parent[key] = typeof value === 'string' ? `${value}${random.pick(ENDINGS)}` : { value };
  }
}

/** Elements that checks look at closely. */
const NAMES = [
  'extension',
  'modifierExtension',
  'contained',
  'text',
  'reference',
  'url',
  'id',
  'meta',
  'code',
  'system',
  'value',
  'valueQuantity',
  'item',
  'entry',
  'expression',
  'resourceType',
  '_status',
  '__proto__x',
  'constructor',
];
const ENDINGS = [
  ' ',
  '\u0000',
  '#',
  '|',
  '\ud800',
  '(((a+)+)+)$',
  '%',
  '/_history/1',
  '<script>',
  '\u{1f600}',
];

const DEPTH = 300;
const LENGTH = 200_000;
const nested = (make: (inner: Json) => Json): Json => {
  let value: Json = 'x';
  for (let i = 0; i < DEPTH; i++) value = make(value);
  return value;
};

const ODD: readonly (() => Json)[] = [
  () => null,
  () => '',
  () => [],
  () => ({}),
  () => 1e308,
  () => -0,
  () => 'a'.repeat(LENGTH),
  () => `${'a'.repeat(5_000)}!`,
  () => '9'.repeat(5_000),
  () => nested((inner) => [inner]),
  () => nested((inner) => ({ extension: [{ url: 'http://example.org/x', extension: [inner] }] })),
  () => nested((inner) => ({ item: [inner] })),
  () => ({ resourceType: 'Patient', id: 'p', contained: [{ resourceType: 'Patient', id: 'p' }] }),
  () => ({ reference: '#' }),
  () => ({
    profile: [
      'http://hl7.org/fhir/StructureDefinition/vitalsigns',
      'http://hl7.org/fhir/StructureDefinition/bp',
      'x|y|z',
    ],
  }),
  () => ({
    status: 'generated',
    div: `<div xmlns="http://www.w3.org/1999/xhtml">${'<b>'.repeat(2_000)}</div>`,
  }),
  () => ({ status: 'generated', div: '<!DOCTYPE x [<!ENTITY a "&b;&b;">]><div>&a;</div>' }),
  () => ({
    value: 1.5,
    unit: 'mg',
    system: 'http://unitsofmeasure.org',
    code: `${'('.repeat(500)}mg${')'.repeat(500)}`,
  }),
  () => Array.from({ length: 3_000 }, (_, i) => ({ linkId: `${i}`, system: 's', code: `${i}`, value: 'v' })),
  () => `${'('.repeat(400)}1${')'.repeat(400)}`,
  () => "descendants().repeat(descendants()).where(matches('(a+)+$')).count() > 0",
  () => '2020-02-30T25:61:61.999999999999+99:99',
];
