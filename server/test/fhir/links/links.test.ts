import { describe, expect, test } from '@jest/globals';
import { r4Definitions } from '../../support/definitions.ts';
import { Links, type LinkKind } from '../../../src/fhir/links/links.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { parseExact } from '../../../src/fhir/json/parse.ts';

const links = new Links(await r4Definitions());

function found(resource: Resource): [string, LinkKind][] {
  const all: [string, LinkKind][] = [];
  links.visit(resource, (link, kind) => all.push([link, kind]));
  return all;
}

const marked = (resource: Resource) => links.replaced(resource, (link) => `<${link}>`);

describe('links of resources', () => {
  test('are references, URIs, URLs, canonicals and those of narratives', () => {
    const resource = {
      resourceType: 'QuestionnaireResponse',
      implicitRules: 'urn:a',
      text: {
        status: 'generated',
        div: '<div><a class="x" href="urn:b">b</a><img src=\'urn:c\'/> href="no"</div>',
      },
      questionnaire: 'urn:d',
      subject: { reference: 'urn:e', display: 'urn:no', identifier: { system: 'urn:f', value: 'urn:no' } },
      item: [
        { linkId: 'urn:no', definition: 'urn:g', answer: [{ valueUri: 'urn:h' }, { valueString: 'urn:no' }] },
      ],
    };
    const expected: [string, LinkKind][] = [
      ['urn:a', 'uri'],
      ['urn:b', 'narrative'],
      ['urn:c', 'narrative'],
      ['urn:d', 'canonical'],
      ['urn:e', 'reference'],
      ['urn:f', 'uri'],
      ['urn:g', 'uri'],
      ['urn:h', 'uri'],
    ];
    expect(found(resource).sort()).toEqual(expected.sort());
  });

  test('stand in contained resources, extensions, siblings of primitives and reused elements', () => {
    const resource = {
      resourceType: 'Questionnaire',
      status: 'draft',
      _status: { extension: [{ url: 'urn:x', valueReference: { reference: 'urn:a' } }] },
      contained: [{ resourceType: 'DocumentReference', content: [{ attachment: { url: 'urn:b' } }] }],
      item: [{ linkId: '1', item: [{ linkId: '2', item: [{ linkId: '3', answerValueSet: 'urn:c' }] }] }],
      extension: [{ url: 'urn:y', extension: [{ url: 'urn:z', valueCanonical: 'urn:d' }] }],
    };
    expect(
      found(resource)
        .map(([link]) => link)
        .sort(),
    ).toEqual(['urn:a', 'urn:b', 'urn:c', 'urn:d', 'urn:x', 'urn:y', 'urn:z'].sort());
  });

  test('stand in resources inside of Parameters; those of Bundles are their own', () => {
    const patient = { resourceType: 'Patient', link: [{ other: { reference: 'urn:a' } }] };
    const bundle = {
      resourceType: 'Bundle',
      type: 'document',
      entry: [{ fullUrl: 'urn:f', resource: patient }],
      signature: { who: { reference: 'urn:a' } },
    };
    const parameters = {
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'x',
          part: [
            { name: 'y', resource: patient },
            { name: 'z', valueUrl: 'urn:b' },
            { name: 'closed', resource: bundle },
          ],
        },
      ],
    };
    expect(found(bundle)).toEqual([]);
    expect(marked(bundle)).toBe(bundle);
    expect(found(parameters).map(([link]) => link)).toEqual(['urn:a', 'urn:b']);
  });

  test('replacing shares what has none, changes nothing in the given resource and keeps digits', () => {
    const text =
      '{"resourceType":"Observation","code":{"text":"x"},"subject":{"reference":"Patient/1"},"valueQuantity":{"value":1.10}}';
    const resource = parseExact(text) as Resource & { code: object };
    const replaced = marked(resource);
    expect(JSON.stringify(resource)).toBe(text);
    expect(JSON.stringify(replaced)).toBe(text.replace('Patient/1', '<Patient/1>'));
    expect(replaced.code).toBe(resource.code);
  });

  test('a resource none of whose links change is returned as it is', () => {
    const resource = {
      resourceType: 'Patient',
      link: [{ other: { reference: 'Patient/2' }, type: 'seealso' }],
    };
    expect(links.replaced(resource, (link) => link)).toBe(resource);
  });

  test.each([
    ['an unknown type', { resourceType: 'Nothing', a: { reference: 'x' } }],
    [
      'elements of wrong types',
      { resourceType: 'Patient', link: 7, name: null, photo: [null, 'x'], text: { div: 5 } },
    ],
  ])('%s is passed over', (_what, resource) => {
    expect(marked(resource as unknown as Resource)).toBe(resource);
  });

  test('names of inherited properties are no links', () => {
    expect(
      found(
        JSON.parse('{"resourceType":"Patient","__proto__":{"reference":"x"},"constructor":"y"}') as Resource,
      ),
    ).toEqual([]);
  });
});
