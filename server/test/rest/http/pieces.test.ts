import { expect, test } from '@jest/globals';
import { bytesOf, textOf } from '../../../src/rest/http/pieces.ts';

test.each([
  ['nothing', []],
  ['one text', 'Zoë 𝔘'],
  ['pieces of any alphabet', ['{"a":"', 'Zoë', '', ' Őrség 日本 𝔘', '"}']],
])('%s is put together as text and as UTF-8', (_, body) => {
  const text = typeof body === 'string' ? body : body.join('');
  expect(textOf(body)).toBe(text);
  expect(bytesOf(body).equals(Buffer.from(text))).toBe(true);
});
