import { expect, test } from '@jest/globals';
import { readMessage } from '../../../src/rest/websocket/messages.ts';

const bind = (after: unknown) => JSON.stringify({ type: 'bind-with-token', payload: { token: 't', after } });

test('positions come as texts and as numbers', () => {
  const after = [{ number: 17 }, { number: 4, subscription: 'a' }];
  expect(readMessage('bind-with-token t 17 a/4')).toMatchObject({ kind: 'bind', dialect: 'text', after });
  expect(readMessage(bind([17, 'a/4']))).toMatchObject({ kind: 'bind', dialect: 'json', after });
  expect(readMessage(bind('17'))).toMatchObject({ after: [{ number: 17 }] });
});

test.each([
  [[{ toString: 1 }]],
  [{ toString: null }],
  [[null]],
  [[true]],
  [[['17']]],
  ['x'],
  [[-1]],
  [[1.5]],
])('a position that is none is refused: %j', (after) => {
  expect(() => readMessage(bind(after))).toThrow(expect.objectContaining({ category: 'incorrect' }));
});

test.each([
  '',
  'bind-with-token',
  '{',
  '{"type":{},"payload":1}',
  '{"type":"bind-with-token","payload":null}',
])('what is no message is refused: %s', (text) => {
  expect(() => readMessage(text)).toThrow(expect.objectContaining({ category: 'incorrect' }));
});
