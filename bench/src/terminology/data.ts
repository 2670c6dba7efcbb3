/** Concepts of the code system that is measured. */
export const CONCEPTS = 10_000;
export const SYSTEM = 'http://maxray.example/bench/CodeSystem/findings';
export const WHOLE = 'http://maxray.example/bench/ValueSet/findings';
export const LISTED = 'http://maxray.example/bench/ValueSet/listed-findings';

const WORDS = [
  'heart',
  'lung',
  'kidney',
  'acute',
  'chronic',
  'disease',
  'structure',
  'left',
  'right',
  'upper',
];

const word = (place: number): string => WORDS[place % WORDS.length]!;

const concepts = Array.from({ length: CONCEPTS }, (_, i) => ({
  code: `c${i}`,
  display: `${word(i)} ${word(i * 7 + 3)} number ${i}`,
}));

/** A code system with two value sets: all of it by its name, and all of it as a list. */
export const resources = [
  {
    resourceType: 'CodeSystem',
    id: 'bench-findings',
    url: SYSTEM,
    status: 'active',
    caseSensitive: true,
    content: 'complete',
    concept: concepts,
  },
  {
    resourceType: 'ValueSet',
    id: 'bench-findings',
    url: WHOLE,
    status: 'active',
    compose: { include: [{ system: SYSTEM }] },
  },
  {
    resourceType: 'ValueSet',
    id: 'bench-listed-findings',
    url: LISTED,
    status: 'active',
    compose: { include: [{ system: SYSTEM, concept: concepts.map(({ code }) => ({ code })) }] },
  },
];
