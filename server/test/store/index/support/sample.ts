import type { Hop } from '../../../../src/fhir/path/resolvePath.ts';
import type { JsonObject } from '../../../../src/fhir/resource.ts';

const WORDS = ['Abelson', 'Morgan', 'Schuster', 'Tiptree'];

/** A value of a FHIR type that differs for every seed (1 to 3); booleans only between odd and even seeds. */
export function sampleValue(type: string, seed: number, target = 'Patient'): unknown {
  const make = SAMPLES[type];
  if (!make) throw new Error(`There is no sample of the type ${type}`);
  return make(seed, target);
}

const word = (seed: number) => WORDS[seed] ?? `word${seed}`;
const day = (seed: number) => `${2010 + seed}-0${seed}-1${seed}`;
const coding = (seed: number) => ({ system: `http://example.org/system${seed}`, code: `code${seed}` });
const quantity = (code: string) => (seed: number) => ({
  value: seed * 10,
  unit: `printed ${code}`,
  system: 'http://unitsofmeasure.org',
  code,
});

const SAMPLES: Record<string, (seed: number, target: string) => unknown> = {
  boolean: (seed) => seed % 2 === 1,
  code: (seed) => `code-${seed}`,
  id: (seed) => `id-${seed}`,
  string: word,
  markdown: word,
  uri: (seed) => `urn:example:${seed}`,
  url: (seed) => `http://example.org/${seed}`,
  canonical: (seed) => `http://example.org/canonical${seed}|1.0`,
  integer: (seed) => seed * 7,
  decimal: (seed) => seed * 0.125,
  date: day,
  dateTime: (seed) => `${day(seed)}T10:20:30Z`,
  instant: (seed) => `${day(seed)}T10:20:30.000Z`,
  Period: (seed) => ({ start: day(seed), end: `${day(seed)}T23:00:00Z` }),
  Timing: (seed) => ({ event: [day(seed)] }),
  Coding: coding,
  CodeableConcept: (seed) => ({ coding: [coding(seed)] }),
  Identifier: (seed) => ({ system: `urn:example:ids${seed}`, value: `v${seed}` }),
  ContactPoint: (seed) => ({ system: 'phone', value: `+49 30 ${seed}` }),
  HumanName: (seed) => ({ family: word(seed) }),
  Address: (seed) => ({ city: word(seed) }),
  Reference: (seed, target) => ({ reference: `${target}/r${seed}` }),
  Resource: (seed, target) => ({ resourceType: target, id: `r${seed}` }),
  Quantity: quantity('mg'),
  Age: quantity('a'),
  Duration: quantity('h'),
  Money: (seed) => ({ value: seed * 10, currency: 'EUR' }),
  Range: (seed) => ({ low: quantity('mg')(seed), high: { ...quantity('mg')(seed), value: seed * 10 + 5 } }),
  SampledData: (seed) => ({ origin: quantity('mg')(seed), period: 1, dimensions: 1 }),
  BackboneElement: (seed) => ({ latitude: seed * 10, longitude: -seed * 10 }),
};

/** Puts a value where the hops lead, making what is missing on the way. */
export function place(root: JsonObject, hops: readonly Hop[], value: unknown): void {
  let owner = root;
  hops.forEach((hop, i) => {
    if (hop.kind === 'where') owner[hop.element] = hop.equals;
    if (hop.kind !== 'property') return;
    const isLast = hops.slice(i + 1).every((later) => later.kind !== 'property');
    const next = isLast ? value : (first(owner[hop.name]) ?? {});
    owner[hop.name] = hop.repeats ? [next] : next;
    owner = next as JsonObject;
  });
}

function first(value: unknown): unknown {
  return Array.isArray(value) ? (value as unknown[])[0] : value;
}
