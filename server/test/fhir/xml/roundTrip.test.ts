import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { parseJson } from '../../../src/fhir/json/parse.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { createXmlFormat, type XmlFormat } from '../../../src/fhir/xml/xmlFormat.ts';
import { createRandom } from '../../oracle/data/random.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { archivedFiles, sharedPath } from '../../support/sharedData.ts';
import { randomResource } from './randomResource.ts';
import { comparable, difference } from './support.ts';

let definitions: Definitions;
let format: XmlFormat;

beforeAll(async () => {
  definitions = await r4Definitions();
  format = createXmlFormat(definitions);
});

const RANDOM_RESOURCES = 2_000;

test('random resources are what they were after XML', () => {
  const random = createRandom('xml');
  const different: unknown[] = [];
  for (let i = 0; i < RANDOM_RESOURCES; i++) {
    const resource = randomResource(definitions, random);
    const pretty = i % 2 === 0;
    const xml = format.write(resource, pretty);
    const { value, exact } = format.parse(Buffer.from(xml));
    const wanted = comparable(resource);
    if (!isDeepStrictEqual(comparable(exact), wanted))
      different.push([i, difference(comparable(exact), wanted)]);
    if (!isDeepStrictEqual(value, JSON.parse(JSON.stringify(exact)))) different.push([i, 'value']);
    if (format.write(exact as Resource, pretty) !== xml) different.push([i, 'XML']);
  }
  expect(different).toEqual([]);
});

/** Their narratives have carriage returns, which are line feeds in XML (https://www.w3.org/TR/xml/#sec-line-ends). */
const CARRIAGE_RETURNS = [
  'examples/Bundle-types.json',
  'examples/StructureDefinition-MedicationAdministration.json',
  'examples/StructureDefinition-Practitioner.json',
];
const EXAMPLES = 5_298;

const examples = sharedPath('data/r4-examples-4.0.1.tgz');
(examples ? describe : describe.skip)("HL7's examples of R4", () => {
  test('are what they were after XML', () => {
    const different: string[] = [];
    let count = 0;
    for (const { name, content } of archivedFiles(examples ?? '')) {
      const { exact } = parseJson(content);
      if (!definitions.isResourceType((exact as Resource).resourceType)) continue;
      count++;
      const again = format.parse(Buffer.from(format.write(exact as Resource, false))).exact;
      if (isDeepStrictEqual(comparable(again), comparable(exact))) continue;
      different.push(name);
      expect([name, difference(tree(again), tree(exact))]).toEqual([name, undefined]);
    }
    expect(different.sort()).toEqual(CARRIAGE_RETURNS);
    expect(count).toBe(EXAMPLES);
  });
});

const tree = (resource: unknown) => comparable(resource, { said: (text) => text.replace(/\r\n?/g, '\n') });
