import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { referenceTexts } from '../../../../src/store/search/include/referenceTexts.ts';
import { archivedFiles, sharedPath } from '../../../support/sharedData.ts';

const archive = sharedPath('data/r4-examples-4.0.1.tgz');

/** What stands in the members of plain JSON. */
function read(value: unknown, member: string): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => read(one, member));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === member && typeof inner === 'string' ? [inner] : read(inner, member),
  );
}

const found = (resource: unknown, content = JSON.stringify(resource)) => {
  const { references, urls } = referenceTexts(content);
  return { references: references.toSorted(), urls: urls.toSorted() };
};
const expected = (resource: unknown) => ({
  references: read(resource, 'reference').toSorted(),
  urls: read(resource, 'url').toSorted(),
});

describe('the texts of references', () => {
  test.each<[string, unknown]>([
    ['none', {}],
    ['at any depth', { subject: { reference: 'Patient/1' }, a: [{ b: { reference: 'Group/2' } }] }],
    ['an attachment', { photo: [{ url: 'Binary/1' }, { url: 'http://example.org' }] }],
    ['quotes and backslashes', { a: { reference: 'a"b\\c\\' }, b: { reference: 'x' } }],
    ['letters beyond ASCII', { a: { reference: 'Patient/é😀' } }],
    ['texts that look like members', { text: '"reference":"Patient/1"', note: '\\"url": "Binary/1"' }],
    ['a text that ends like a member', { text: 'see "reference', b: { reference: 'x' } }],
    ['names that end like one', { preference: 'x', myurl: 'Binary/1' }],
    ['the name as a value', { type: 'reference', code: 'url', b: ['reference', 'url'] }],
    ['other values', { reference: { reference: 'Patient/1' }, url: ['x'], a: { reference: null } }],
    ['control characters', { a: { reference: 'a\u0001\n' } }],
  ])('%s', (_, resource) => {
    expect(found(resource)).toEqual(expected(resource));
  });

  test('members written by number', () => {
    expect(found(undefined, '{"a":{"\\u0072eference":"Patient/1"}}')).toEqual({
      references: ['Patient/1'],
      urls: [],
    });
  });

  (archive ? test : test.skip)("of all of HL7's examples", () => {
    const different: string[] = [];
    let references = 0;
    for (const { name, content } of archivedFiles(archive ?? '')) {
      const resource: unknown = JSON.parse(content.toString());
      const wanted = expected(resource);
      references += wanted.references.length;
      if (!isDeepStrictEqual(found(resource), wanted)) different.push(name);
    }
    expect(different).toEqual([]);
    expect(references).toBeGreaterThan(1_000);
  });
});
