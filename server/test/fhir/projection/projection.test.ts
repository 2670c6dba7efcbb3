import { beforeAll, describe, expect, test } from '@jest/globals';
import { Projection, type View } from '../../../src/fhir/projection/projection.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { createValidator } from '../../../src/validation/createValidator.ts';
import type { Validator } from '../../../src/validation/validator.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { archivedFiles, sharedPath } from '../../support/sharedData.ts';
import { issuesNow } from '../../support/validation.ts';

const SUBSETTED = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
};
const TRUE: View = { summary: 'true' };
const TEXT: View = { summary: 'text' };
const DATA: View = { summary: 'data' };

let projection: Projection;
let validator: Validator;

beforeAll(async () => {
  const definitions = await r4Definitions();
  projection = new Projection(definitions);
  validator = createValidator(definitions);
});

const view = (resource: object, wanted: View) =>
  JSON.parse(projection.of(wanted).project(JSON.stringify(resource))) as Resource;
/** What is left of a resource, without what every view has. */
const left = (resource: object, wanted: View) => {
  const { resourceType: _type, meta: _meta, ...rest } = view(resource, wanted);
  return rest;
};

const text = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' };
const observation = {
  resourceType: 'Observation',
  id: 'o',
  text,
  contained: [{ resourceType: 'Patient', id: 'p' }],
  extension: [{ url: 'urn:x', valueCode: 'x' }],
  modifierExtension: [{ url: 'urn:not', valueBoolean: true }],
  status: 'final',
  _status: { extension: [{ url: 'urn:x', valueCode: 'x' }] },
  category: [{ text: 'c' }],
  code: { coding: [{ code: 'a' }], extension: [{ url: 'urn:x', valueCode: 'x' }] },
  subject: { reference: '#p' },
  valueQuantity: { value: 1 },
  note: [{ text: 'n' }],
  component: [
    { code: { text: 'k' }, valueString: 'v', interpretation: [{ text: 'high' }] },
    { code: { text: 'l' }, dataAbsentReason: { text: 'r' } },
  ],
};

test('_summary=true keeps the elements that the definition marks, at every level', () => {
  expect(left(observation, TRUE)).toEqual({
    id: 'o',
    modifierExtension: observation.modifierExtension,
    status: 'final',
    _status: observation._status,
    code: { coding: [{ code: 'a' }] },
    subject: { reference: '#p' },
    valueQuantity: { value: 1 },
    component: [{ code: { text: 'k' }, valueString: 'v' }, { code: { text: 'l' } }],
  });
});

test('within data types too: an attachment stays without its data', () => {
  const document = {
    resourceType: 'DocumentReference',
    status: 'current',
    content: [{ attachment: { contentType: 'image/png', data: 'AAAA' } }],
  };
  expect(left(document, TRUE)).toEqual({
    status: 'current',
    content: [{ attachment: { contentType: 'image/png' } }],
  });
});

test('mandatory elements stay, although the definition does not mark them', () => {
  const appointment = {
    resourceType: 'Appointment',
    status: 'booked',
    participant: [{ status: 'accepted', actor: { reference: 'Patient/1' } }],
    comment: 'x',
  };
  expect(left(appointment, TRUE)).toMatchObject({
    status: 'booked',
    participant: [{ status: 'accepted' }],
  });
  expect(view(appointment, TRUE).comment).toBeUndefined();
});

test('what would be left empty stays whole', () => {
  const absent = { extension: [{ url: 'urn:absent', valueCode: 'unknown' }] };
  expect(left({ resourceType: 'Observation', status: 'final', code: absent }, TRUE)).toEqual({
    status: 'final',
    code: absent,
  });
});

test('elements that reuse the definition of others are summarised like those', () => {
  const bundle = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [{ link: [{ relation: 'self', url: 'urn:a', extension: [{ url: 'urn:x', valueCode: 'x' }] }] }],
  };
  expect(left(bundle, TRUE)).toEqual({
    type: 'collection',
    entry: [{ link: [{ relation: 'self', url: 'urn:a' }] }],
  });
});

test('_summary=text keeps the narrative and mandatory elements', () => {
  expect(Object.keys(left(observation, TEXT)).sort()).toEqual([
    '_status',
    'code',
    'id',
    'modifierExtension',
    'status',
    'text',
  ]);
});

test('_summary=data drops the narrative only', () => {
  const { text: _text, resourceType: _type, ...rest } = observation;
  expect(left(observation, DATA)).toEqual(rest);
});

describe('_elements', () => {
  test.each<[string[], string[]]>([
    [['note'], ['note']],
    [['value'], ['valueQuantity']],
    [['valueQuantity'], ['valueQuantity']],
    [['valueString'], []],
    [['nonsense'], []],
    [
      ['text', 'subject'],
      ['text', 'subject'],
    ],
    [['id', 'status', 'meta'], []],
  ])('%p keeps these and what is always kept', (elements, kept) => {
    expect(Object.keys(left(observation, { elements })).sort()).toEqual(
      ['_status', 'code', 'id', 'modifierExtension', 'status', ...kept].sort(),
    );
  });
});

describe('the tag that says that it is not whole', () => {
  test.each<[string, View]>([
    ['true', TRUE],
    ['text', TEXT],
    ['data', DATA],
    ['elements', { elements: ['note'] }],
  ])('%s', (_name, wanted) => {
    const other = { system: 'urn:t', code: 'vip' };
    expect(view({ ...observation, meta: { versionId: '3', tag: [other] } }, wanted).meta).toEqual({
      versionId: '3',
      tag: [other, SUBSETTED],
    });
    expect(view(observation, wanted).meta).toEqual({ tag: [SUBSETTED] });
    expect(view({ ...observation, meta: { tag: [SUBSETTED] } }, wanted).meta).toEqual({ tag: [SUBSETTED] });
  });
});

test('numbers keep their digits', () => {
  const content = `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50}}`;
  for (const wanted of [TRUE, DATA, { elements: ['value'] }]) {
    expect(projection.of(wanted).project(content)).toContain('"value":1.50');
  }
});

test('keeps() says what project() does', () => {
  const properties = [...Object.keys(observation), 'nonsense'];
  for (const wanted of [TRUE, TEXT, DATA, { elements: ['note', 'value'] }]) {
    const projector = projection.of(wanted);
    const kept = properties.filter((name) => projector.keeps('Observation', name) && name !== 'nonsense');
    const names = Object.keys(view(observation, wanted)).filter((name) => name !== 'meta');
    expect(kept.sort()).toEqual(names.sort());
  }
});

const examples = sharedPath('data/r4-examples-4.0.1.tgz');
(examples ? describe : describe.skip)("HL7's examples of R4", () => {
  test('are still sound FHIR in every view', () => {
    const views: View[] = [TRUE, TEXT, DATA, { elements: ['identifier'] }];
    const broken: string[] = [];
    let count = 0;
    for (const { name, content } of archivedFiles(examples ?? '')) {
      if (name.endsWith('package.json')) continue;
      const resource = JSON.parse(content.toString()) as Resource;
      if (faults(resource) > 0) continue; // a dozen that HL7 published with faults
      for (const wanted of views) {
        count++;
        if (faults(view(resource, wanted)) > 0) broken.push(`${name} ${JSON.stringify(wanted)}`);
      }
    }
    expect(broken).toEqual([]);
    expect(count).toBeGreaterThan(20_000);
  });
});

/** A view has the structure of R4; it may leave out a contained resource and keep a reference to it, or the reverse. */
const faults = (resource: Resource) =>
  issuesNow(validator, resource, { mode: 'structure' }).filter(({ severity }) => severity === 'error').length;
