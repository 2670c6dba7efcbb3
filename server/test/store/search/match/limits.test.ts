import { beforeAll, describe, expect, test } from '@jest/globals';
import { ALTERNATIVES_MAX } from '../../../../src/store/search/conditions/expressions.ts';
import { unmatchable } from '../../../../src/store/search/match/unmatchable.ts';
import { TERMS_MAX } from '../../../../src/store/search/sqlParameters.ts';
import { Matching, type Resource } from './support.ts';

let matching: Matching;

beforeAll(async () => {
  matching = await Matching.open();
});

const PATIENT: Resource = {
  resourceType: 'Patient',
  id: 'p1',
  name: [{ family: 'Müller' }],
  identifier: [{ value: '1' }],
};
const OBSERVATION: Resource = { resourceType: 'Observation' };

describe('what is asked for beyond a limit is refused', () => {
  const values = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`).join(',');
  test.each(['name', 'name:contains'])('%s', (name) => {
    expect(matching.matches(PATIENT, `${name}=${values(ALTERNATIVES_MAX)}`)).toBe(false);
    expect(() => matching.matches(PATIENT, `${name}=${values(ALTERNATIVES_MAX + 1)}`)).toThrow(
      'more than 1000 values',
    );
  });
  test('exact texts and tokens may be more', () => {
    expect(matching.matches(PATIENT, `family:exact=${values(ALTERNATIVES_MAX + 1)},Müller`)).toBe(true);
    expect(matching.matches(PATIENT, `identifier=${values(9_999)},1`)).toBe(true);
  });
  test('but not any number', () => {
    const many = Array.from({ length: TERMS_MAX / 10_000 + 1 }, () => `subject=${values(9_999)}`).join('&');
    expect(() => matching.matches(OBSERVATION, many)).not.toThrow();
    expect(() => matching.matches({ resourceType: 'List', id: 'l' }, `item=${values(9_999)}`)).toThrow(
      'too many values',
    );
  });
});

describe('what one resource cannot answer is named', () => {
  test.each([
    ['Patient', 'organization.name=x', "the chain 'organization.…'"],
    ['Patient', '_has:Observation:subject:code=x', "'_has:Observation:subject:…'"],
    ['Patient', '_lastUpdated=2020', "'_lastUpdated'"],
    ['Patient', '_text=x', "'_text'"],
    ['Patient', '_content=x', "'_content'"],
    ['Patient', '_list=x', "'_list'"],
    ['Location', 'partof:below=Location/1', "'partof:below'"],
    ['Patient', '_filter=active eq true or not (organization.name eq "x")', "the chain 'organization.…'"],
  ])('%s?%s', (type, query, part) => {
    expect(matching.conditionsOf(type, query).map(unmatchable)).toEqual([part]);
  });

  test('and is not decided', () => {
    expect(() => matching.matches(PATIENT, '_text=x')).toThrow('cannot be decided in memory');
  });
});
