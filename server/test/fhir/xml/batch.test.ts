import { describe, expect, test } from '@jest/globals';
import type { Resource } from '../../../src/fhir/resource.ts';
import { LineCounter } from '../../../src/fhir/xml/read/lineCounter.ts';
import { createXmlFormat } from '../../../src/fhir/xml/xmlFormat.ts';
import { r4Definitions } from '../../support/definitions.ts';

const format = createXmlFormat(await r4Definitions());
const GOOD = '<Patient><active value="true"/></Patient>';
const REQUEST = '<request><method value="POST"/><url value="Patient"/></request>';
const entry = (resource: string) => `<entry><resource>${resource}</resource>${REQUEST}</entry>`;
const bundle = (entries: string, type = 'batch') =>
  Buffer.from(`<Bundle xmlns="http://hl7.org/fhir"><type value="${type}"/>${entries}</Bundle>`);

function read(...resources: string[]) {
  const { value, exact, faults } = format.parseBundle(bundle(resources.map(entry).join('\n')));
  const { entry: entries } = value as Resource & { entry: { resource?: Resource; request: object }[] };
  expect(entries.every(({ request }) => 'method' in request)).toBe(true);
  expect(JSON.stringify(exact)).toBe(JSON.stringify(value));
  return {
    read: entries.map(({ resource }) => resource?.resourceType),
    faults: [...faults].map(([i, { issues }]) => [i, issues[0]!.diagnostics, issues[0]!.expression?.[0]]),
  };
}

describe('what cannot be read of a batch is said of its entry', () => {
  test.each([
    ['an element of no place', '<Patient><foo><bar value="1"/></foo><active value="true"/></Patient>', ''],
    ['a value that is none', '<Patient><active value="yes"/></Patient>', '.active'],
    ['another order', '<Patient><gender value="male"/><active value="true"/></Patient>', '.active'],
    ['an empty element', '<Patient><name><family/></name></Patient>', '.name[0].family'],
    ['an unknown type', '<Nonsense><a><b/></a></Nonsense>', ''],
    ['no namespace', '<Patient xmlns=""><active value="true"/></Patient>', ''],
    ['two resources', `${GOOD}${GOOD}`, ''],
    ['text', '<Patient>text<active value="true"/></Patient>', ''],
    ['text instead of a resource', 'text', ''],
    ['CDATA', '<Patient><![CDATA[text]]><active value="true"/></Patient>', ''],
    [
      'a narrative that is too deep',
      `<Patient><text><div xmlns="http://www.w3.org/1999/xhtml">${'<b>'.repeat(200)}${'</b>'.repeat(200)}</div></text></Patient>`,
      undefined,
    ],
    [
      'what lies in a Bundle',
      `<Bundle><type value="batch"/>${entry('<Patient><foo/></Patient>')}</Bundle>`,
      '.entry[0].resource',
    ],
  ])('%s', (_name, resource, path) => {
    const { read: resources, faults } = read(GOOD, resource, GOOD);
    expect(resources).toEqual(['Patient', undefined, 'Patient']);
    expect(faults).toHaveLength(1);
    const [index, diagnostics, expression] = faults[0]!;
    expect(index).toBe(1);
    expect(diagnostics).toMatch(/^Line 2, column \d+: /);
    if (path !== undefined) expect(expression).toBe(`Bundle.entry[1].resource${path}`);
  });

  test('of several, of all, and of none', () => {
    const bad = '<Patient><active value="1"/></Patient>';
    const several = read(bad, GOOD, bad);
    expect(several.read).toEqual([undefined, 'Patient', undefined]);
    expect(several.faults.map(([i, text]) => [i, String(text).split(':')[0]])).toEqual([
      [0, 'Line 1, column 84'],
      [2, 'Line 3, column 27'],
    ]);
    expect(read(bad).read).toEqual([undefined]);
    expect(read(GOOD)).toEqual({ read: ['Patient'], faults: [] });
  });

  test.each([
    ['XML that is none', bundle(entry('<Patient><active value="true"></Patient>'))],
    [
      'a fault beside the resource',
      bundle(`<entry><resource>${GOOD}</resource><request><foo/></request></entry>`),
    ],
    ['a resource that is missing', bundle(entry(''))],
    ['a fault behind the entries', bundle(`${entry(GOOD)}<foo/>`)],
    ['a transaction', bundle(entry('<Patient><foo/></Patient>'), 'transaction')],
  ])('but not %s', (_name, bytes) => {
    expect(() => format.parseBundle(bytes)).toThrow();
  });

  test('nor where the Bundle is a resource', () => {
    expect(() => format.parse(bundle(entry('<Patient><foo/></Patient>')))).toThrow();
  });
});

test('lines are counted on from the last position', () => {
  const counter = new LineCounter('ab\n\ncd\n');
  const places = [0, 1, 1, 2, 3, 4, 6, 7].map((position) => counter.at(position));
  expect(places.map(({ line, column }) => `${line}:${column}`)).toEqual([
    '1:1',
    '1:2',
    '1:2',
    '1:3',
    '2:1',
    '3:1',
    '3:3',
    '4:1',
  ]);
});
