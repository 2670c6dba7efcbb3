import { describe, expect, test } from '@jest/globals';
import { createDefinitions } from '../../../src/fhir/definitions/definitions.ts';
import { DEFINITIONS_FORMAT } from '../../../src/fhir/definitions/data.ts';
import type { Definitions, ElementDefinition, TypeDefinition } from '../../../src/fhir/definitions/types.ts';
import { unitSource } from '../../../src/validation/compile/unit.ts';
import { createValidator } from '../../../src/validation/createValidator.ts';
import { issuesNow } from '../../support/validation.ts';

/** Definitions of one made-up resource type, for what no type of R4 has but a profile may. */
function definitionsWith(elements: ElementDefinition[]): Definitions {
  const type = (
    name: string,
    kind: TypeDefinition['kind'],
    own: ElementDefinition[] = [],
  ): TypeDefinition => ({
    name,
    kind,
    abstract: false,
    elements: own,
  });
  const types = [
    type('string', 'primitive-type'),
    type('Element', 'complex-type', [element('id', 0, 1, 'string')]),
    type('Thing', 'complex-type', [element('text', 0, 1, 'string')]),
    type('Made', 'resource', elements),
  ];
  return createDefinitions({
    format: DEFINITIONS_FORMAT,
    fhirVersion: '4.0.1',
    types,
    searchParameters: [],
    administration: { types: [], searchParameters: [] },
    codeSets: {},
    extensions: {},
  });
}

function element(name: string, min: number, max: number, ...types: string[]): ElementDefinition {
  const choice = types.length > 1;
  return {
    name,
    path: `Made.${name}`,
    min,
    max,
    choice,
    types: types.map((code) => ({ code })),
    isSummary: false,
    isModifier: false,
  };
}

/** What is found, as `rule expression`. */
function faults(definitions: Definitions, content: object): string[] {
  return issuesNow(createValidator(definitions), { resourceType: 'Made', ...content }).map(
    ({ details, expression }) => `${details?.coding?.[0]?.code} ${expression?.[0]}`,
  );
}

describe('bounds that the types of R4 do not have', () => {
  const definitions = definitionsWith([
    element('some', 2, 3, 'Thing'),
    element('names', 0, 2, 'string'),
    element('never', 0, 0, 'string'),
    element('none', 0, 0, 'string', 'Thing'),
  ]);
  const some = [{ text: 'a' }, { text: 'b' }];

  test('are counted', () => {
    expect(faults(definitions, { some })).toEqual([]);
    expect(faults(definitions, { some: some.slice(1) })).toEqual(['cardinality-min Made.some']);
    expect(faults(definitions, { some: [...some, ...some] })).toEqual(['cardinality-max Made.some']);
    expect(faults(definitions, {})).toEqual(['cardinality-min Made.some']);
    expect(faults(definitions, { some, names: ['a', 'b', 'c'] })).toEqual(['cardinality-max Made.names']);
  });

  test('of 0..0 forbid the element in every way it can be written', () => {
    for (const key of ['never', '_never']) {
      expect(faults(definitions, { some, [key]: 'x' })).toEqual(['cardinality-max Made.never']);
    }
    for (const key of ['noneString', '_noneString', 'noneThing']) {
      expect(faults(definitions, { some, [key]: {} })).toEqual(['cardinality-max Made.none']);
    }
  });
});

describe('the generated source', () => {
  test('holds names of definitions as data, whatever they are', () => {
    const nasty = `x"]; throw new Error('out'); //\u2028\${1}\`\n*/`;
    const definitions = definitionsWith([element(nasty, 1, 1, 'string'), element('a-b', 1, 1, 'string')]);
    expect(faults(definitions, { [nasty]: 'a', 'a-b': 'b' })).toEqual([]);
    expect(faults(definitions, {})).toEqual([`cardinality-min Made.${nasty}`, 'cardinality-min Made.a-b']);
  });

  test('does not mix up names that look alike as identifiers', () => {
    const definitions = definitionsWith([element('a_b', 1, 1, 'string'), element('a.b', 0, 1, 'string')]);
    expect(faults(definitions, { 'a.b': 'x' })).toEqual(['cardinality-min Made.a_b']);
  });

  test('can be read: a case for each property', () => {
    const definitions = definitionsWith([element('names', 1, 1, 'string')]);
    expect(unitSource([definitions.type('Made')!], definitions)).toContain(
      [
        `    case "names":`,
        `      has_names = true;`,
        `      if (!is_string(v)) lib.badPrimitive(s, d, "names", -1, "string", v);`,
        `      break;`,
      ].join('\n'),
    );
  });
});
