import { expect, test } from '@jest/globals';
import { bytesOf, textOf, textOrBytes } from '../../../src/rest/http/pieces.ts';

test.each([
  ['nothing', []],
  ['one text', 'Zoë 𝔘'],
  ['pieces of any alphabet', ['{"a":"', 'Zoë', '', ' Őrség 日本 𝔘', '"}']],
])('%s is put together as text and as UTF-8', (_, body) => {
  const text = typeof body === 'string' ? body : body.join('');
  expect(textOf(body)).toBe(text);
  expect(bytesOf(body).equals(Buffer.from(text))).toBe(true);
});

test('what is ASCII stays a text, anything else becomes bytes', () => {
  expect(textOrBytes('Zoë')).toBe('Zoë');
  expect(textOrBytes(['{"a":"', 'Zoe', '"}'])).toBe('{"a":"Zoe"}');
  expect(textOrBytes(['{"a":"', 'Zoë', '"}'])).toEqual(Buffer.from('{"a":"Zoë"}'));
});
