import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseJson } from '../../../src/fhir/json/parse.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { createXmlFormat, type XmlFormat } from '../../../src/fhir/xml/xmlFormat.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { archivedFiles, sharedPath } from '../../support/sharedData.ts';
import { canonicalXml, comparable, difference, narrativeSaid, type Canonical } from './support.ts';

/** HL7's own examples in JSON and XML. */
const ARCHIVE = sharedPath('data/json-xml-pairs.tgz');

const PAIRS = 873;
const FHIR = 'http://hl7.org/fhir';

/** Pairs in which HL7's label of test data stands in `meta.security` of the XML only, mostly in `meta.tag` of the JSON. */
const LABELLED_ELSEWHERE = 758;

/**
 * Pairs that cannot be equal: HL7's JSON has lost digits of decimals that its XML has (`12500.0` for `12500.00`,
 * `-83.69471` for `-83.694710`). In everything else they are.
 */
const LOST_DIGITS = [
  'claim-example-cms1500-medical',
  'claim-example-institutional',
  'claim-example-institutional-rich',
  'claim-example-oral-average',
  'claim-example-oral-bridge',
  'claim-example-oral-orthoplan',
  'claim-example-pharmacy',
  'claim-example-pharmacy-compound',
  'claim-example-pharmacy-medication',
  'claim-example-professional',
  'claim-example-vision',
  'claim-example-vision-glasses',
  'claim-example-vision-glasses-3tier',
  'claimresponse-example',
  'claimresponse-example-additem',
  'claimresponse-example-unsolicited-preauth',
  'claimresponse-example-vision-3tier',
  'contract-example',
  'contract-example-ins-policy',
  'coverage-example-2',
  'coverageeligibilityresponse-example-benefits-2',
  'devicerequest-left-lens',
  'devicerequest-right-lens',
  'diagnosticreport-example',
  'diagnosticreport-example-ghp',
  'diagnosticreport-examples-general',
  'explanationofbenefit-example',
  'explanationofbenefit-example-2',
  'location-example-hl7hq',
  'observation-decimal',
  'observation-example-body-height',
  'paymentnotice-example',
  'paymentreconciliation-example',
  'riskassessment-example',
  'sequence-example-fda-comparisons',
  'visionprescription-example',
  'visionprescription-example-1',
];

/** XML documents without JSON: what they are in JSON is in the archive under other names. */
const WITHOUT_JSON = ['conformance-ehrs-rle', 'operation-structuredefinition-questionnaire'];

interface Pair {
  name: string;
  xml: Buffer;
  json: Buffer;
}

function* pairs(archive: string): Generator<Pair> {
  const xml = new Map<string, Buffer>();
  const json = new Map<string, Buffer>();
  for (const file of archivedFiles(archive)) {
    const [, name, kind] = /([^/]+)\.(xml|json)$/.exec(file.name)!;
    (kind === 'xml' ? xml : json).set(name!, file.content);
  }
  expect([...xml.keys()].filter((name) => !json.has(name)).sort()).toEqual(WITHOUT_JSON);
  for (const name of [...xml.keys()].filter((key) => json.has(key)).sort())
    yield { name, xml: xml.get(name)!, json: json.get(name)! };
}

const isLabel = (value: unknown) => (value as { code?: unknown }).code === 'HTEST';

/** Without the label of test data, wherever it is; and without what was there only for it. */
function unlabelled(resource: Resource): Resource {
  const meta = Object.fromEntries(
    Object.entries(resource.meta ?? {})
      .map(([name, value]) => [name, Array.isArray(value) ? value.filter((item) => !isLabel(item)) : value])
      .filter(([, value]) => !Array.isArray(value) || value.length > 0),
  );
  const { meta: _meta, ...rest } = resource;
  return Object.keys(meta).length === 0 ? rest : { ...rest, meta };
}

const hasLabel = (resource: Resource, name: 'security' | 'tag') =>
  ((resource.meta?.[name] ?? []) as unknown[]).some(isLabel);

/** The same of a document. */
function unlabelledXml(text: string): Canonical {
  const isMeta = (item: Canonical) => typeof item === 'object' && item.name === `${FHIR} meta`;
  const root = canonicalXml(text);
  const content = root.content.map((item) => {
    if (typeof item === 'string' || !isMeta(item)) return item;
    return { ...item, content: item.content.filter((part) => !JSON.stringify(part).includes('=HTEST"')) };
  });
  return {
    ...root,
    content: content.filter((item) => typeof item === 'string' || !isMeta(item) || item.content.length > 0),
  };
}

const tree = (resource: Resource, digits: 'all' | 'double') =>
  comparable(resource, { said: narrativeSaid, digits });

const DECIMAL = /^( value=)(-?\d+\.\d+([eE][+-]?\d+)?)$/;
/** Without the digits of decimals that no double has. */
function rounded(element: Canonical): Canonical {
  if (typeof element === 'string') return element;
  const round = (text: string) =>
    text.replace(DECIMAL, (_all, name: string, digits: string) => `${name}${Number(digits)}`);
  const { name, attributes, content } = element;
  return { name, attributes: attributes.map(round), content: content.map(rounded) };
}

(ARCHIVE ? describe : describe.skip)("HL7's examples in JSON and XML", () => {
  let format: XmlFormat;
  const all = [...pairs(ARCHIVE ?? '')];
  beforeAll(async () => {
    format = createXmlFormat(await r4Definitions());
  });

  const fromXml = ({ xml }: Pair) => format.parse(xml).exact as Resource;
  const fromJson = ({ json }: Pair) => parseJson(json).exact as Resource;

  test('are all there', () => {
    expect(all.length).toBe(PAIRS);
    const moved = all.filter(
      (pair) => hasLabel(fromXml(pair), 'security') !== hasLabel(fromJson(pair), 'security'),
    );
    expect(moved.length).toBe(LABELLED_ELSEWHERE);
  });

  test('XML becomes the same JSON', () => {
    const different: string[] = [];
    for (const pair of all) {
      const [xml, json] = [unlabelled(fromXml(pair)), unlabelled(fromJson(pair))];
      if (!isDeepStrictEqual(tree(xml, 'all'), tree(json, 'all'))) different.push(pair.name);
      expect([pair.name, difference(tree(xml, 'double'), tree(json, 'double'))]).toEqual([
        pair.name,
        undefined,
      ]);
    }
    expect(different).toEqual(LOST_DIGITS);
  });

  test.each([false, true])('JSON becomes the same XML (pretty: %s)', (pretty) => {
    const different: string[] = [];
    for (const pair of all) {
      const written = canonicalXml(format.write(unlabelled(fromJson(pair)), pretty));
      const published = unlabelledXml(pair.xml.toString());
      if (!isDeepStrictEqual(written, published)) different.push(pair.name);
      expect([pair.name, difference(rounded(written), rounded(published))]).toEqual([pair.name, undefined]);
    }
    expect(different).toEqual(LOST_DIGITS);
  });
});
