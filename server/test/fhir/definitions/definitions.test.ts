import { beforeAll, describe, expect, test } from '@jest/globals';
import { compileDefinitions, type DefinitionBundles } from '../../../src/fhir/definitions/compile.ts';
import type { DefinitionsData } from '../../../src/fhir/definitions/data.ts';
import { createDefinitions } from '../../../src/fhir/definitions/definitions.ts';
import type { Definitions, ElementDefinition } from '../../../src/fhir/definitions/types.ts';
import { packageBundles } from '../../support/definitions.ts';

/** In the package under HL7's URLs, but not in FHIR 4.0.1. */
const NOT_IN_R4 = ['DetectedIssue-status', 'DeviceDefinition-classification', 'ServiceRequest-order-detail'];

let bundles: DefinitionBundles;
let data: DefinitionsData;
let definitions: Definitions;

beforeAll(() => {
  bundles = packageBundles();
  data = compileDefinitions(bundles);
  definitions = createDefinitions(data);
});

/** The element at a path, found by walking the tree of its type. */
function element(path: string): ElementDefinition | undefined {
  const [typeName = '', ...names] = path.split('.');
  let elements = definitions.type(typeName)?.elements;
  let found: ElementDefinition | undefined;
  for (const name of names) {
    found = elements?.find((candidate) => candidate.name === name);
    elements = found?.children;
  }
  return found;
}

const typeCodes = (path: string): string[] | undefined => element(path)?.types.map((type) => type.code);

describe('types', () => {
  test('are all base types of the package', () => {
    const count = (kind: string): number => data.types.filter((type) => type.kind === kind).length;
    expect({
      resources: count('resource'),
      complex: count('complex-type'),
      primitive: count('primitive-type'),
    }).toEqual({ resources: 148, complex: 41, primitive: 20 });
    expect(definitions.resourceTypes).toHaveLength(146);
    expect([...definitions.resourceTypes].sort()).toEqual(definitions.resourceTypes);
  });

  test('leave out profiles, logical models and types of other versions', () => {
    for (const name of ['SimpleQuantity', 'MetadataResource', 'SubscriptionStatus', 'Login']) {
      expect(definitions.type(name)).toBeUndefined();
    }
  });

  test('know concrete resources from abstract ones and from data types', () => {
    expect(definitions.isResourceType('Patient')).toBe(true);
    for (const name of [
      'DomainResource',
      'Resource',
      'HumanName',
      'string',
      '__proto__',
      'constructor',
      '',
    ]) {
      expect(definitions.isResourceType(name)).toBe(false);
    }
    expect(definitions.type('DomainResource')).toMatchObject({ abstract: true, base: 'Resource' });
    expect(definitions.type('Resource')?.base).toBeUndefined();
    expect(definitions.type('code')).toMatchObject({ kind: 'primitive-type', base: 'string', elements: [] });
    expect(definitions.type('id')?.regex).toBe('[A-Za-z0-9\\-\\.]{1,64}');
    expect(definitions.type('xhtml')?.regex).toBeUndefined();
  });
});

describe('elements', () => {
  test('include inherited ones, in the order of the snapshot', () => {
    const names = definitions.type('Patient')?.elements.map(({ name }) => name);
    expect(names?.slice(0, 10)).toEqual([
      'id',
      'meta',
      'implicitRules',
      'language',
      'text',
      'contained',
      'extension',
      'modifierExtension',
      'identifier',
      'active',
    ]);
  });

  test('of the tree are as many as in the snapshots', () => {
    const sizes = new Map(data.types.map((type) => [type.name, countElements(type.elements)]));
    for (const { resource } of bundles.resources.entry ?? []) {
      if (resource?.resourceType !== 'StructureDefinition' || !sizes.has(resource.name)) continue;
      if (CORRECTED_TYPES.includes(resource.name)) continue;
      expect([resource.name, sizes.get(resource.name)]).toEqual([
        resource.name,
        (resource.snapshot?.element.length ?? 0) - 1,
      ]);
    }
  });
});

describe('elements of each kind', () => {
  test('a choice has its stem and all its types', () => {
    expect(element('Observation.value')).toMatchObject({
      path: 'Observation.value[x]',
      choice: true,
      max: 1,
    });
    expect(typeCodes('Observation.value')).toEqual([
      'Quantity',
      'CodeableConcept',
      'string',
      'boolean',
      'integer',
      'Range',
      'Ratio',
      'SampledData',
      'time',
      'dateTime',
      'Period',
    ]);
  });

  test('a backbone element has its children', () => {
    expect(element('Patient.contact')?.children?.map(({ name }) => name)).toEqual([
      'id',
      'extension',
      'modifierExtension',
      'relationship',
      'name',
      'telecom',
      'address',
      'gender',
      'organization',
      'period',
    ]);
    expect(typeCodes('Patient.contact')).toEqual(['BackboneElement']);
    expect(element('Timing.repeat.bounds')?.path).toBe('Timing.repeat.bounds[x]');
  });

  test('a content reference names the path it reuses', () => {
    const link = element('Bundle.entry.link');
    expect(link).toMatchObject({ contentReference: 'Bundle.link', types: [], max: -1 });
    expect(link?.children).toBeUndefined();
  });

  test('references carry their targets, if not any', () => {
    expect(element('Patient.managingOrganization')?.types).toEqual([
      { code: 'Reference', targets: ['Organization'] },
    ]);
    expect(element('Annotation.author')?.types[0]).toEqual({
      code: 'Reference',
      targets: ['Practitioner', 'Patient', 'RelatedPerson', 'Organization'],
    });
    expect(element('Task.focus')?.types).toEqual([{ code: 'Reference' }]);
  });

  test('FHIRPath system types are FHIR primitives', () => {
    expect(typeCodes('Patient.id')).toEqual(['id']);
    expect(typeCodes('Extension.url')).toEqual(['uri']);
    expect(typeCodes('Coding.id')).toEqual(['string']);
  });

  test('carry flags and required bindings', () => {
    expect(element('Observation.status')).toMatchObject({
      min: 1,
      max: 1,
      isModifier: true,
      isSummary: true,
      requiredValueSet: 'http://hl7.org/fhir/ValueSet/observation-status',
    });
    expect(element('Observation.code')).not.toHaveProperty('requiredValueSet');
  });
});

describe('search parameters', () => {
  test('are all of the package that belong to R4', () => {
    const total = bundles.searchParameters.entry?.length ?? 0;
    expect(data.searchParameters).toHaveLength(total - NOT_IN_R4.length);
    expect(data.searchParameters).toHaveLength(1375);
  });

  test('are inherited from Resource and DomainResource', () => {
    const codes = (type: string): string[] => definitions.searchParameters(type).map(({ code }) => code);
    const ofResource = [
      '_content',
      '_id',
      '_lastUpdated',
      '_profile',
      '_query',
      '_security',
      '_source',
      '_tag',
    ];
    expect(codes('Binary')).toEqual(ofResource);
    expect(codes('Patient')).toEqual(expect.arrayContaining([...ofResource, '_text', 'birthdate', 'name']));
    expect(codes('Observation')).not.toContain('birthdate');
  });

  test('no type has two of the same code, and every one is found by code and by URL', () => {
    let pairs = 0;
    for (const type of definitions.resourceTypes) {
      for (const parameter of definitions.searchParameters(type)) {
        if (!parameter.embedded) pairs += 1;
        expect(definitions.searchParameter(type, parameter.code)).toBe(parameter);
        expect(definitions.searchParameterByUrl(parameter.url)).toBe(parameter);
      }
    }
    const declared = data.searchParameters.flatMap(({ base }) => base);
    const own = declared.filter((base) => base !== 'Resource' && base !== 'DomainResource').length;
    const notDomain = ['Binary', 'Bundle', 'Parameters'].length;
    expect(pairs).toBe(own + 146 * 8 + (146 - notDomain));
  });

  test('carry expression, targets and components', () => {
    expect(definitions.searchParameter('Patient', 'birthdate')).toEqual({
      url: 'http://hl7.org/fhir/SearchParameter/individual-birthdate',
      code: 'birthdate',
      type: 'date',
      base: ['Patient', 'Person', 'RelatedPerson'],
      expression: 'Patient.birthDate | Person.birthDate | RelatedPerson.birthDate',
    });
    expect(definitions.searchParameter('Patient', 'general-practitioner')?.target).toEqual([
      'Practitioner',
      'Organization',
      'PractitionerRole',
    ]);
    expect(definitions.searchParameter('Observation', 'code-value-quantity')?.component).toEqual([
      { definition: 'http://hl7.org/fhir/SearchParameter/clinical-code', expression: 'code' },
      {
        definition: 'http://hl7.org/fhir/SearchParameter/Observation-value-quantity',
        expression: 'value.ofType(Quantity)',
      },
    ]);
  });

  test('of unknown types and codes are none', () => {
    expect(definitions.searchParameters('DomainResource')).toEqual([]);
    expect(definitions.searchParameters('NoSuchType')).toEqual([]);
    expect(definitions.searchParameter('Patient', 'no-such-code')).toBeUndefined();
    expect(definitions.searchParameter('NoSuchType', '_id')).toBeUndefined();
    expect(definitions.searchParameterByUrl('http://example.org/none')).toBeUndefined();
  });
});

/** Types whose snapshot in the package is not that of R4; corrections.test.ts compares them with HL7's. */
const CORRECTED_TYPES = [
  'Binary',
  'DeviceDefinition',
  'EvidenceVariable',
  'HealthcareService',
  'ObservationDefinition',
  'ResearchStudy',
];

function countElements(elements: readonly ElementDefinition[]): number {
  return elements.reduce((count, { children }) => count + 1 + countElements(children ?? []), 0);
}
