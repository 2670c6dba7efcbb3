import { describe, expect, test } from '@jest/globals';
import { element } from '../../../src/imaging/dicomJson.ts';
import { attributeNamed } from '../../../src/imaging/search/attributes.ts';
import { isLike, matches } from '../../../src/imaging/search/matching.ts';

function isMatch(keyword: string, wanted: readonly string[], values: readonly (string | number)[]): boolean {
  const attribute = attributeNamed(keyword)!;
  const present = attribute.vr === 'PN' ? values.map((one) => ({ Alphabetic: String(one) })) : values;
  return matches({ attribute, values: wanted }, { [attribute.tag]: element(attribute.vr, present) });
}

describe('matching (PS3.4 section C.2.2.2)', () => {
  test.each([
    ['StudyDate', '20260101', '20260101', true],
    ['StudyDate', '20260101-20260131', '20260131', true],
    ['StudyDate', '20260101-20260131', '20260201', false],
    ['StudyDate', '-20260131', '20250101', true],
    ['StudyDate', '20260101-', '20251231', false],
    ['StudyTime', '10', '105959', true],
    ['StudyTime', '10', '110000', false],
    ['StudyTime', '0930-1015', '101530', true],
    ['StudyTime', '0930-1015', '092959', false],
    ['StudyTime', '-1015', '101600', false],
    ['PatientName', 'doe^john', 'Doe^John', true],
    ['PatientName', 'DOE*', 'Doë^John', true],
    ['PatientName', 'रीमा*', 'राम', false],
    ['PatientName', '*john*', 'Doe^John', true],
    ['PatientName', 'Doe', 'Doe^John', false],
    ['PatientName', 'Doe^^', 'Doe', true],
    ['PatientID', 'MRN-?', 'MRN-1', true],
    ['PatientID', 'mrn-1', 'MRN-1', false],
    ['PatientID', '*', '', false],
    ['SeriesNumber', '7', '7', true],
    ['SeriesNumber', '7', '17', false],
    ['StudyDescription', '*Thorax*', 'XR Thorax pa', true],
  ])('%s=%s of %s: %p', (keyword, wanted, value, expected) => {
    expect(isMatch(keyword, [wanted], [value])).toBe(expected);
  });

  test('one of several values is enough, on either side', () => {
    expect(isMatch('ModalitiesInStudy', ['CT', 'MR'], ['DX', 'MR'])).toBe(true);
    expect(isMatch('ModalitiesInStudy', ['CT'], ['DX', 'MR'])).toBe(false);
    expect(isMatch('StudyInstanceUID', ['1.2.3', '1.2.4'], ['1.2.4'])).toBe(true);
  });

  test('wild cards take any number of characters, or one', () => {
    for (const [pattern, text, expected] of [
      ['*', '', true],
      ['**', 'abc', true],
      ['a*c', 'abbc', true],
      ['a*c', 'abcb', false],
      ['a?c', 'ac', false],
      ['*b*b', 'abab', true],
      ['?', '', false],
      ['', 'a', false],
    ] as const)
      expect([pattern, text, isLike(pattern, text)]).toEqual([pattern, text, expected]);
  });
});
