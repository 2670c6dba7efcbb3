import { describe, expect, test } from '@jest/globals';
import { addLabels, deleteLabels } from '../../src/operations/labels.ts';

type Meta = { [name: string]: unknown };
const tag = (code: string, more: object = {}) => ({ system: 'urn:t', code, ...more });

describe('adding labels', () => {
  test.each<[string, Meta, Meta, Meta | undefined]>([
    ['the first tag', { versionId: '1' }, { tag: [tag('a')] }, { versionId: '1', tag: [tag('a')] }],
    ['behind the others', { tag: [tag('b')] }, { tag: [tag('a')] }, { tag: [tag('b'), tag('a')] }],
    ['what is there already', { tag: [tag('a')] }, { tag: [tag('a')] }, undefined],
    [
      'version and display do not matter',
      { tag: [tag('a')] },
      { tag: [tag('a', { display: 'A', version: '2' })] },
      undefined,
    ],
    ['another system', { tag: [tag('a')] }, { tag: [{ code: 'a' }] }, { tag: [tag('a'), { code: 'a' }] }],
    ['the same twice', {}, { tag: [tag('a'), tag('a', { display: 'A' })] }, { tag: [tag('a')] }],
    [
      'a security label is no tag',
      { tag: [tag('a')] },
      { security: [tag('a')] },
      { tag: [tag('a')], security: [tag('a')] },
    ],
    ['profiles', { profile: ['urn:p'] }, { profile: ['urn:p', 'urn:q'] }, { profile: ['urn:p', 'urn:q'] }],
    [
      'a profile with a version is another',
      { profile: ['urn:p'] },
      { profile: ['urn:p|1'] },
      { profile: ['urn:p', 'urn:p|1'] },
    ],
    ['other parts of the meta', {}, { source: 'urn:s', versionId: '9' }, undefined],
    [
      'what stands beside a profile',
      { profile: ['urn:p'] },
      { profile: ['urn:q'], _profile: [{ id: 'x' }] },
      { profile: ['urn:p', 'urn:q'], _profile: [null, { id: 'x' }] },
    ],
  ])('%s', (_what, meta, added, expected) => {
    const before = structuredClone(meta);
    expect(addLabels(meta, added)).toBe(expected !== undefined);
    expect(meta).toEqual(expected ?? before);
  });
});

describe('deleting labels', () => {
  test.each<[string, Meta, Meta, Meta | undefined]>([
    ['one of two', { tag: [tag('a'), tag('b')] }, { tag: [tag('a')] }, { tag: [tag('b')] }],
    ['the last', { versionId: '1', tag: [tag('a')] }, { tag: [tag('a')] }, { versionId: '1' }],
    [
      'version and display do not matter',
      { tag: [tag('a', { display: 'A' })] },
      { tag: [tag('a', { version: '1' })] },
      {},
    ],
    ['what is not there', { tag: [tag('a')] }, { tag: [tag('b')], profile: ['urn:p'] }, undefined],
    ['another system', { tag: [tag('a')] }, { tag: [{ code: 'a' }] }, undefined],
    ['a security label is no tag', { tag: [tag('a')] }, { security: [tag('a')] }, undefined],
    ['the same twice', { tag: [tag('a'), tag('b'), tag('a')] }, { tag: [tag('a')] }, { tag: [tag('b')] }],
    ['profiles', { profile: ['urn:p', 'urn:q'] }, { profile: ['urn:p'] }, { profile: ['urn:q'] }],
    [
      'what stands beside a profile',
      { profile: ['urn:p', 'urn:q'], _profile: [null, { id: 'x' }] },
      { profile: ['urn:p'] },
      { profile: ['urn:q'], _profile: [{ id: 'x' }] },
    ],
  ])('%s', (_what, meta, deleted, expected) => {
    const before = structuredClone(meta);
    expect(deleteLabels(meta, deleted)).toBe(expected !== undefined);
    expect(meta).toEqual(expected ?? before);
  });
});
