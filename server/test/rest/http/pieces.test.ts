import { expect, test } from '@jest/globals';
import { bytesOf, textOf, outgoing } from '../../../src/rest/http/pieces.ts';

test.each([
  ['nothing', []],
  ['one text', 'Zoë 𝔘'],
  ['pieces of any alphabet', ['{"a":"', 'Zoë', '', ' Őrség 日本 𝔘', '"}']],
])('%s is put together as text and as UTF-8', (_, body) => {
  const text = typeof body === 'string' ? body : body.join('');
  expect(textOf(body)).toBe(text);
  expect(bytesOf(body).equals(Buffer.from(text))).toBe(true);
});

test('what is ASCII stays a text, other pieces become bytes, once', () => {
  const ascii = { content: '{"a":"Zoe"}', lengthBytes: 11, encoding: 'latin1' };
  expect(outgoing('{"a":"Zoe"}')).toEqual(ascii);
  expect(outgoing(['{"a":"', 'Zoe', '"}'])).toEqual(ascii);
  expect(outgoing('Zoë')).toEqual({ content: 'Zoë', lengthBytes: 4, encoding: 'utf8' });
  const content = Buffer.from('{"a":"Zoë"}');
  expect(outgoing(['{"a":"', 'Zoë', '"}'])).toEqual({ content, lengthBytes: 12, encoding: 'utf8' });
});
