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

test.each([
  'XRAY',
  'XRAY@',
  '@192.0.2.1',
  'XRAY@host.example',
  'A\\B@192.0.2.1',
  `${'A'.repeat(17)}@192.0.2.1`,
])("'%s' is refused", (text) => expect(() => readAllowedPeers(text)).toThrow(`'${text}'`));
