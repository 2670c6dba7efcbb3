import { describe, expect, test } from '@jest/globals';
import { MethodNotAllowedError } from '../../../src/rest/router.ts';
import { FRAMES_MAX, route } from '../../../src/web/dicomweb/route.ts';

const path = { study: '1.2.3', series: '1.2.4', instance: '1.2.5' };
const STUDY = '/studies/1.2.3';
const SERIES = `${STUDY}/series/1.2.4`;
const INSTANCE = `${SERIES}/instances/1.2.5`;

describe('URLs below the service', () => {
  test.each([
    ['/studies', { kind: 'search', level: 'study', path: {} }],
    ['/studies/', { kind: 'search', level: 'study', path: {} }],
    ['/series', { kind: 'search', level: 'series', path: {} }],
    ['/instances', { kind: 'search', level: 'instance', path: {} }],
    [`${STUDY}/series`, { kind: 'search', level: 'series', path: { study: '1.2.3' } }],
    [`${STUDY}/instances`, { kind: 'search', level: 'instance', path: { study: '1.2.3' } }],
    [`${SERIES}/instances`, { kind: 'search', level: 'instance', path: { study: '1.2.3', series: '1.2.4' } }],
    [STUDY, { kind: 'retrieve', representation: 'objects', path: { study: '1.2.3' } }],
    [`${STUDY}/metadata`, { kind: 'retrieve', representation: 'metadata', path: { study: '1.2.3' } }],
    [
      `${SERIES}/rendered`,
      { kind: 'retrieve', representation: 'rendered', path: { study: '1.2.3', series: '1.2.4' } },
    ],
    [INSTANCE, { kind: 'retrieve', representation: 'objects', path }],
    [`${INSTANCE}/thumbnail`, { kind: 'retrieve', representation: 'thumbnail', path }],
    [`${INSTANCE}/frames`, { kind: 'retrieve', representation: 'frames', path }],
    [`${INSTANCE}/frames/3`, { kind: 'retrieve', representation: 'frames', path, frames: [3] }],
    [`${INSTANCE}/frames/1,2%2C4`, { kind: 'retrieve', representation: 'frames', path, frames: [1, 2, 4] }],
    [`${INSTANCE}/frames/2/rendered`, { kind: 'retrieve', representation: 'rendered', path, frames: [2] }],
    [
      `${INSTANCE}/bulkdata/0040A730/0/00420011`,
      { kind: 'retrieve', representation: 'bulk', path, bulkPath: '0040A730/0/00420011' },
    ],
  ])('GET %s', (url, expected) => {
    expect(route('GET', url)).toEqual(expected);
    expect(route('HEAD', url)).toEqual(expected);
  });

  test('POST stores into any study, or one', () => {
    expect(route('POST', '/studies')).toEqual({ kind: 'store' });
    expect(route('POST', STUDY)).toEqual({ kind: 'store', study: '1.2.3' });
  });

  test.each([
    '/studies/../system',
    '/studies/%2e%2e/system',
    '/studies/..%2fsystem',
    '/studies/1.2.3%2F..',
    '/studies/1.02',
    `/studies/${'1.'.repeat(40)}1`,
    '/studies/1.2.3/series/x/metadata',
    '/studies/1.2.3/instances/1.2.5',
    '/studies/1.2.3/frames/1',
    '/studies/1.2.3/bulkdata/x',
    '/series/1.2.4',
    '/series/1.2.4/instances',
    '/system',
    '//studies',
    `${INSTANCE}/frames/1/metadata`,
    `${INSTANCE}/frames/1/rendered/x`,
    `${INSTANCE}/bulkdata`,
    `${INSTANCE}/instances`,
    '/studies/1.2.3/studies',
  ])('%s is none', (url) => {
    expect(() => route('GET', url)).toThrow(expect.objectContaining({ category: 'not-found' }));
  });

  test.each([
    '0',
    '-1',
    '+1',
    '0x1',
    '1e0',
    'a',
    '1,,2',
    '1.5',
    Array.from({ length: FRAMES_MAX + 1 }, () => '1').join(','),
  ])('frames %# are refused', (list) => {
    expect(() => route('GET', `${INSTANCE}/frames/${list}`)).toThrow(
      expect.objectContaining({ category: 'incorrect' }),
    );
  });

  test.each([
    ['POST', '/series', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/studies', 'GET, POST, HEAD, OPTIONS'],
    ['PUT', STUDY, 'GET, POST, HEAD, OPTIONS'],
    ['DELETE', INSTANCE, 'GET, HEAD, OPTIONS'],
    ['GET', '', 'OPTIONS'],
  ])('%s %s is told which methods there are', (method, url, allow) => {
    const ask = () => route(method, url);
    expect(ask).toThrow(MethodNotAllowedError);
    expect(ask).toThrow(expect.objectContaining({ allow }));
  });
});
