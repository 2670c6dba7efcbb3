import { elements, type ElementContext } from './element.ts';
import { interestOf, type Interest } from './interest.ts';
import { CODES, PROFILES, SYSTEMS, TEXTS, URLS } from './pools.ts';
import { words } from './primitives.ts';
import type { Contained } from './references.ts';
import type { Random } from './random.ts';

export type ResourceJson = Record<string, unknown> & { resourceType: string; id: string };

/** Makes random resources of any type, valid by R4's structure. */
export function resourceMaker(base: Omit<ElementContext, 'interest' | 'contained' | 'random'>) {
  const interests = new Map<string, Interest>();
  return (random: Random, type: string, id: string): ResourceJson => {
    const contained = random.chance(0.15) ? containedResources(random) : [];
    return {
      resourceType: type,
      id,
      ...(random.chance(0.4) ? { meta: meta(random) } : {}),
      ...(random.chance(0.1) ? { language: random.pick(['de', 'en']) } : {}),
      ...(random.chance(0.35) ? { text: narrative(random) } : {}),
      ...(contained.length > 0 ? { contained } : {}),
      ...bodyOf(random, type, contained),
    };
  };

  function bodyOf(random: Random, type: string, contained: Contained): Record<string, unknown> {
    let interest = interests.get(type);
    if (!interest) interests.set(type, (interest = interestOf(base.definitions, type)));
    const definition = base.definitions.type(type);
    if (!definition) throw new Error(`There is no resource type ${type}`);
    const own = definition.elements.filter(({ name }) => !HEAD.has(name));
    return elements({ ...base, random, interest, contained }, own, type);
  }

  /** Resources that other elements may refer to by `#id`; they may refer to each other only by their containers' addresses. */
  function containedResources(random: Random): ResourceJson[] {
    return random.sample(CONTAINED, 1 + random.below(3)).map(([resourceType, id]) => ({
      resourceType,
      id,
      ...(random.chance(0.2) ? { meta: meta(random) } : {}),
      ...bodyOf(random, resourceType, []),
    }));
  }
}

const HEAD = new Set([
  'id',
  'meta',
  'implicitRules',
  'language',
  'text',
  'contained',
  'extension',
  'modifierExtension',
]);

/** Types of what is contained, each with its local id. */
const CONTAINED = [
  ['Patient', 'c1'],
  ['Practitioner', 'c2'],
  ['Organization', 'c3'],
  ['Medication', 'c4'],
  ['Observation', 'c5'],
  ['Location', 'c6'],
  ['Questionnaire', 'c7'],
] as const;

function meta(random: Random): object {
  const coding = () => ({
    system: random.pick(SYSTEMS),
    code: random.pick(CODES),
    display: random.pick(TEXTS),
  });
  return {
    source: random.pick(URLS),
    ...(random.chance(0.5) ? { profile: random.sample(PROFILES, 1 + random.below(2)) } : {}),
    ...(random.chance(0.4) ? { security: [coding()] } : {}),
    ...(random.chance(0.5) ? { tag: Array.from({ length: 1 + random.below(2) }, coding) } : {}),
  };
}

function narrative(random: Random): object {
  const div = `<div xmlns="http://www.w3.org/1999/xhtml"><p class="zzhidden">${words(random)}</p> <b>${words(random)}</b></div>`;
  return { status: 'generated', div };
}
