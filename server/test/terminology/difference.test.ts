import { describe, expect, test } from '@jest/globals';
import { asR5, difference } from './ecosystem.ts';

describe('the comparison of terminology answers', () => {
  test('finds other values, what is missing and what is too much', () => {
    expect(difference({ a: 1 }, { a: 2 })).toMatch('$.a');
    expect(difference({ a: 1, b: 2 }, { a: 1 })).toMatch('$.b');
    expect(difference({ a: 1 }, { a: 1, b: 2 })).toMatch('$.b');
    expect(difference({ a: [1, 2] }, { a: [1] })).toMatch('$.a');
    expect(difference({ a: [1] }, { a: [1, 2] })).toMatch('$.a');
    expect(difference({ id: '$uuid$' }, { id: 'x' })).toMatch('$.id');
  });

  test('takes any order, and what is optional or not', () => {
    expect(difference({ a: [1, { b: 2 }] }, { a: [{ b: 2 }, 1] })).toBeUndefined();
    expect(difference({ '$optional-properties$': ['a'], a: 1 }, {})).toBeUndefined();
    expect(difference({ a: [{ $optional$: true, b: 1 }] }, {})).toBeUndefined();
    expect(difference({ a: '$choice:x|y$' }, { a: 'y' })).toBeUndefined();
  });

  test("reads R5's properties out of R4's extensions", () => {
    const url = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.contains.property';
    const extension = [
      {
        url,
        extension: [
          { url: 'code', valueCode: 'c' },
          { url: 'value', valueString: 'v' },
        ],
      },
    ];
    expect(asR5({ code: 'x', extension })).toEqual({
      code: 'x',
      property: [{ code: 'c', valueString: 'v' }],
    });
  });
});
