import { expect, test } from '@jest/globals';
import { preferences } from '../../../src/rest/http/prefer.ts';

test.each([
  [undefined, {}],
  ['return=minimal', { return: 'minimal' }],
  ['Return=Minimal', { return: 'minimal' }],
  ['RETURN="OperationOutcome"', { return: 'OperationOutcome' }],
  ['return=operationoutcome', { return: 'OperationOutcome' }],
  [
    'Respond-Async, Handling=LENIENT; return = representation',
    expect.objectContaining({ respondAsync: true }),
  ],
  ['return=minimal, return=representation', { return: 'minimal' }],
  ['return=nothing, handling', {}],
])('Prefer: %s', (header, wanted) => {
  expect(preferences(header)).toEqual(wanted);
});

test('several preferences at once', () => {
  expect(preferences('Respond-Async, Handling=LENIENT; return = representation')).toEqual({
    respondAsync: true,
    handling: 'lenient',
    return: 'representation',
  });
});
