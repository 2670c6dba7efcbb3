import { expect, test } from '@jest/globals';
import { readRevocation } from '../../../src/store/identity/revocation.ts';

test.each(['token ab', 'account 1', 'client x y'])('reads %s', (text) => {
  expect(readRevocation(text)).toEqual({
    kind: text.split(' ')[0],
    value: text.slice(text.indexOf(' ') + 1),
  });
});
test.each(['', 'token', 'other 1', 'grant '])('does not read "%s"', (text) => {
  expect(readRevocation(text)).toBeUndefined();
});
