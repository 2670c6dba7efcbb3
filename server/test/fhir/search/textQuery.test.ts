import { describe, expect, test } from '@jest/globals';
import type { TextQuery } from '../../../src/fhir/search/ast.ts';
import { TEXT_DEPTH_MAX, TEXT_TERMS_MAX } from '../../../src/fhir/search/limits.ts';
import { parseTextQuery } from '../../../src/fhir/search/values/textQuery.ts';

/** With brackets around all that is put together. */
function written(query: TextQuery): string {
  if (query.kind === 'words') return `<${query.text}>`;
  if (query.kind === 'not') return `!${written(query.part)}`;
  return `(${query.parts.map(written).join(query.kind === 'and' ? ' & ' : ' | ')})`;
}

describe('the value of _text and _content', () => {
  test.each([
    ['bone', '<bone>'],
    ['bone metastases', '(<bone> & <metastases>)'],
    ['bone and liver AND lung', '(<bone> & <liver> & <lung>)'],
    ['(bone OR liver) and metastases', '((<bone> | <liver>) & <metastases>)'],
    ['bone or liver metastases', '(<bone> | (<liver> & <metastases>))'],
    ['bone not liver', '(<bone> & !<liver>)'],
    ['NOT (bone or liver)', '!(<bone> | <liver>)'],
    ['bone -liver -"left lung"', '(<bone> & !<liver> & !<left lung>)'],
    ['not not bone', '!!<bone>'],
    ['"bone and liver"', '<bone and liver>'],
    ['"not"(a)b', '(<not> & <a> & <b>)'],
    ["it's x-ray, -5 °C", "(<it's> & <x-ray,> & !<5> & <°C>)"],
    ['((bone))', '<bone>'],
    ['oregon android nothing', '(<oregon> & <android> & <nothing>)'],
  ])('%s', (value, expected) => {
    expect(written(parseTextQuery(value))).toBe(expected);
  });

  test.each([
    ['and bone', 'character 1 lacks a word, a "phrase" or an opening bracket.'],
    ['bone or', 'character 8 lacks a word, a "phrase" or an opening bracket.'],
    ['bone and or liver', 'character 10 lacks a word, a "phrase" or an opening bracket.'],
    ['not', 'character 4 lacks a word, a "phrase" or an opening bracket.'],
    ['bone ()', 'character 7 lacks a word, a "phrase" or an opening bracket.'],
    ['(bone or liver', 'character 1 opens a bracket that is not closed.'],
    ['bone) or liver', 'character 5 closes a bracket that was not opened.'],
    [
      'bone "left',
      'character 6 begins a phrase that has no end: close it by ", and write a comma within it as \\,.',
    ],
    [
      'bone & liver',
      'character 6 has no letter or digit to search for: combine words by and, or, not and brackets.',
    ],
    [
      'bone ""',
      'character 6 has no letter or digit to search for: combine words by and, or, not and brackets.',
    ],
    [
      '('.repeat(TEXT_DEPTH_MAX + 1) + 'a' + ')'.repeat(TEXT_DEPTH_MAX + 1),
      'character 22 is deeper than 20 brackets and negations: write it with fewer.',
    ],
    ['a '.repeat(TEXT_TERMS_MAX + 1), 'character 201 is more than 100 words and phrases: search for fewer.'],
  ])('%s is refused', (value, text) => {
    expect(() => parseTextQuery(value)).toThrow(`cannot be read: ${text}`);
  });
});
