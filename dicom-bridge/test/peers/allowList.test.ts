import { expect, test } from '@jest/globals';
import { readAllowedPeers } from '../../src/config/allowedPeers.ts';
import { AllowList } from '../../src/peers/allowList.ts';

test('who is on the list may, from there', () => {
  const list = new AllowList(readAllowedPeers('XRAY 1@192.0.2.1, FIELD@2001:db8::1,'));
  expect(list.admits('XRAY 1', '192.0.2.1')).toBe(true);
  expect(list.admits(' XRAY 1  ', '::ffff:192.0.2.1')).toBe(true);
  expect(list.admits('FIELD', '2001:DB8::1')).toBe(true);
  expect(list.admits('FIELD', '192.0.2.1')).toBe(false);
  expect(list.admits('xray 1', '192.0.2.1')).toBe(false);
  expect(new AllowList([]).admits('', '')).toBe(false);
});

test('who must show a certificate, and may not do everything', () => {
  const list = new AllowList([
    { aeTitle: 'PINNED', address: '192.0.2.1', isTls: true, certificate: 'a5' },
    { aeTitle: 'TLS', address: '192.0.2.1', isTls: true, services: ['query-retrieve'], issuer: 'urn:x' },
  ]);
  expect([undefined, 'b6', 'a5'].map((shown) => list.admits('PINNED', '192.0.2.1', shown))).toEqual([
    false,
    false,
    true,
  ]);
  expect([undefined, 'b6'].map((shown) => list.admits('TLS', '192.0.2.1', shown))).toEqual([false, true]);
  expect(list.mayUse('PINNED', 'worklist')).toBe(true);
  expect(list.mayUse('PINNED', 'query-retrieve')).toBe(false);
  expect(list.mayUse('TLS', 'query-retrieve')).toBe(true);
  expect(list.mayUse('TLS', 'store')).toBe(false);
  expect(list.mayUse('NOBODY', 'store')).toBe(false);
  list.replace([...list.peers, { aeTitle: 'PINNED', address: '192.0.2.9', services: ['store'] }]);
  expect(list.mayUse('PINNED', 'store')).toBe(true);
  expect(list.mayUse('PINNED', 'worklist')).toBe(false); // one of the name may not
  expect([list.issuerOf('TLS'), list.issuerOf('PINNED')]).toEqual(['urn:x', undefined]);
  list.replace([]);
  expect(list.admits('TLS', '192.0.2.1', 'b6')).toBe(false);
});

test.each([
  'XRAY',
  'XRAY@',
  '@192.0.2.1',
  'XRAY@host.example',
  'A\\B@192.0.2.1',
  `${'A'.repeat(17)}@192.0.2.1`,
])("'%s' is refused", (text) => expect(() => readAllowedPeers(text)).toThrow(`'${text}'`));
