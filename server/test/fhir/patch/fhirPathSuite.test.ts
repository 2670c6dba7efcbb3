import { beforeAll, describe, expect, test } from '@jest/globals';
import { SaxesParser } from 'saxes';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { readPatch } from '../../../src/fhir/patch/patch.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { createXmlFormat, type XmlFormat } from '../../../src/fhir/xml/xmlFormat.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { archivedFiles, sharedPath } from '../../support/sharedData.ts';

/** One of HL7's cases, with its resources as XML. */
interface Case {
  name: string;
  input: string;
  diff: string;
  output?: string;
  error?: string;
}

/** Cases that are not as they should be here, each with the reason; docs/conformance.md has them too. */
const KNOWN_DIFFERENCES: Readonly<Record<string, string>> = {};

const archive = sharedPath('data/fhirpath-patch-graphql-r4.tgz');
const suite =
  archive && [...archivedFiles(archive)].find(({ name }) => name.endsWith('fhir-patch-tests.xml'));
const CASES = suite ? casesOf(suite.content.toString()) : [];

let definitions: Definitions;
let xml: XmlFormat;
beforeAll(async () => {
  definitions = await r4Definitions();
  xml = createXmlFormat(definitions);
});

/** The cases in the file, each part of them cut out as it stands there. */
function casesOf(text: string): Case[] {
  const cases: Case[] = [];
  const parser = new SaxesParser();
  let start = 0;
  parser.on('opentag', ({ name, attributes }) => {
    const current = cases.at(-1)!;
    if (name === 'case') cases.push({ name: attributes.name!, input: '', diff: '' });
    else if (name === 'error') current.error = attributes.msg!;
    else if (name === 'input' || name === 'diff' || name === 'output') start = parser.position;
  });
  parser.on('closetag', ({ name }) => {
    if (name !== 'input' && name !== 'diff' && name !== 'output') return;
    cases.at(-1)![name] = text.slice(start, text.lastIndexOf('</', parser.position)).trim();
  });
  parser.write(text).close();
  return cases;
}

/** In the text of a narrative `&quot;` and `"` are the same: the one stands in the file, the other in the value of a patch. */
function withPlainQuotes(resource: unknown): unknown {
  const text = JSON.stringify(resource).replaceAll('&quot;', String.raw`\"`);
  return JSON.parse(text) as unknown;
}

function run({ input, diff }: Case): unknown {
  const resource = xml.parse(Buffer.from(input)).exact as Resource;
  const patch = readPatch('application/fhir+json', xml.parse(Buffer.from(diff)), definitions);
  const before = JSON.stringify(resource);
  try {
    return patch.apply(resource);
  } catch (error) {
    if (error instanceof FhirError) return error;
    throw error;
  } finally {
    expect(JSON.stringify(resource)).toBe(before);
  }
}

(suite ? describe : describe.skip)("HL7's cases of FHIRPath Patch", () => {
  test('are all there', () => expect(CASES).toHaveLength(33));

  test.each(CASES.map((each) => [each.name, each] as const))('%s', (name, each) => {
    const result = run(each);
    const isRight = () => {
      if (each.error !== undefined) return expect(result).toMatchObject({ category: 'unprocessable' });
      const expected = xml.parse(Buffer.from(each.output!)).exact;
      return expect(withPlainQuotes(result)).toEqual(withPlainQuotes(expected));
    };
    if (name in KNOWN_DIFFERENCES) expect(isRight).toThrow();
    else isRight();
  });
});
