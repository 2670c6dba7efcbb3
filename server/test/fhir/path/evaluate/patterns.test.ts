import { describe, expect, test } from '@jest/globals';
import { PathEvaluationError, PathLimitError } from '../../../../src/fhir/path/errors.ts';
import { Automaton } from '../../../../src/fhir/path/evaluate/pattern/automaton.ts';
import { Patterns } from '../../../../src/fhir/path/evaluate/pattern/patterns.ts';
import { readPattern } from '../../../../src/fhir/path/evaluate/pattern/readPattern.ts';

const free = () => {};

describe('the automaton', () => {
  const cases: [string, string[]][] = [
    ['abc', ['abc', 'xabcx', 'ab', '']],
    ['^abc$', ['abc', 'xabc', 'abcx']],
    ['a*b+c?', ['b', 'aab', 'abbc', 'ac', '']],
    ['(a|bc)+d', ['abcd', 'ad', 'd', 'bd']],
    ['a{2,3}', ['a', 'aa', 'aaa', 'aaaa']],
    ['a{2}', ['a', 'aa']],
    ['a{2,}b', ['ab', 'aaab']],
    ['[a-z]+\\.[^.]{1,3}', ['x.yz', 'x.', 'X.y', 'ab.cdef']],
    ['\\d{4}-\\d\\d', ['2020-01', '2020-1', 'x2020-01y']],
    ['(?:x(y|z)*)*', ['', 'xyzxy', 'yx']],
    ['.', ['\n', '', '\u{1f600}']],
    ['^$', ['', 'a']],
    ['\\p{Lu}\\w*', ['Äbc', 'äbc']],
    ['a\\|b|\\[c\\]', ['a|b', '[c]', 'a', 'c']],
  ];

  test.each(cases)('fits where JavaScript does: %s', (pattern, texts) => {
    const automaton = new Automaton(readPattern(pattern)!, 'su');
    for (const text of texts) {
      expect([text, automaton.test(text, 'part', free)]).toEqual([
        text,
        new RegExp(pattern, 'su').test(text),
      ]);
      const whole = new RegExp(`^(?:${pattern})$`, 'su').test(text);
      expect([text, automaton.test(text, 'whole', free)]).toEqual([text, whole]);
    }
  });

  test('has a bounded number of states', () => {
    expect(() => new Automaton(readPattern('(((a{99}){99}){99})')!, 'su')).toThrow(PathEvaluationError);
  });
});

describe('patterns', () => {
  test.each(['(a+)+$', '(a|aa)+$', '(.*a){12}$', '([a-z]+)*\\d', 'a*a*a*a*a*a*b'])(
    'that would never end are matched in steps that the text and the pattern bound: %s',
    (pattern) => {
      const text = `${'a'.repeat(20_000)}!`;
      let steps = 0;
      const fits = new Patterns().test(pattern, text, 'whole', (spent) => (steps += spent));
      expect(fits).toBe(false);
      expect(steps).toBeGreaterThan(text.length);
      expect(steps).toBeLessThan(text.length * 50);
    },
  );

  test('stop where the steps are spent', () => {
    const spend = () => {
      throw new PathLimitError();
    };
    expect(() => new Patterns().test('(a+)+$', 'a'.repeat(1_000), 'whole', spend)).toThrow(PathLimitError);
  });

  test.each(['(?=a)(b+)+', '(a)\\1', '(', 'a'.repeat(2_001)])('are refused: %s', (pattern) => {
    const text = 'a'.repeat(100_000);
    expect(() => new Patterns().test(pattern, text, 'part', free)).toThrow(PathEvaluationError);
  });

  test('escape what needs it not, as some of HL7 do', () => {
    expect(new Patterns().test('^[a-z\\/\\-_\\[\\]\\@]+$', 'a-b/c[d]@_', 'whole', free)).toBe(true);
  });
});
