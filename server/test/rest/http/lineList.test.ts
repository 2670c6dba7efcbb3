import { expect, test } from '@jest/globals';
import { parseExact } from '../../../src/fhir/json/parse.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { lineList } from '../../../src/rest/http/lineList.ts';

const listOf = (bundle: object | string) =>
  lineList(parseExact(typeof bundle === 'string' ? bundle : JSON.stringify(bundle)) as Resource);
const linksOf = (...links: [relation: string, chars: number][]) => {
  const link = links.map(([relation, chars]) => ({ relation, url: 'x'.repeat(chars) }));
  return [...listOf({ resourceType: 'Bundle', type: 'searchset', link })!.links.matchAll(/rel="(\w+)"/g)].map(
    ([, relation]) => relation,
  );
};

test('numbers keep their digits, and line breaks no line', () => {
  const entry = '{"resource":{"resourceType":"Basic","a":1.50,"b":"x\\ny"},"search":{"mode":"match"}}';
  expect(listOf(`{"resourceType":"Bundle","type":"searchset","entry":[\n${entry},\n${entry}]}`)).toEqual({
    lines: '{"resourceType":"Basic","a":1.50,"b":"x\\ny"}\n'.repeat(2),
    links: '',
  });
});

test.each([
  { resourceType: 'Bundle', type: 'batch-response' },
  { resourceType: 'Bundle', type: 'collection' },
  { resourceType: 'Parameters' },
])('%j is no list', (resource) => expect(listOf(resource)).toBeUndefined());

test('links that are needed most stand first, as many as a header has room for', () => {
  expect(linksOf(['self', 10], ['next', 10], ['previous', 10], ['first', 10])).toEqual([
    'next',
    'previous',
    'first',
    'self',
  ]);
  expect(linksOf(['self', 6_000], ['next', 6_500], ['first', 5_000])).toEqual(['next', 'first']);
  expect(linksOf(['self', 20_000], ['first', 10])).toEqual(['first']);
});
