import { describe, expect, test } from '@jest/globals';
import {
  SCOPE_CHARS_MAX,
  coveredByAny,
  covers,
  parseResourceScope,
  renderResourceScope,
  resourceScopeFault,
  sameScope,
  type ResourceScope,
} from '../../../src/fhir/smart/scope.ts';

function scope(text: string): ResourceScope {
  const parsed = parseResourceScope(text);
  if (!parsed) throw new Error(`${text}: ${resourceScopeFault(text) ?? 'no scope about resources'}`);
  return parsed;
}

const CATEGORY = 'category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory';

describe('reading', () => {
  test.each([
    ['patient/*.read', 'patient/*.rs'],
    ['user/Observation.write', 'user/Observation.cud'],
    ['system/*.*', 'system/*.cruds'],
    ['patient/Observation.rs', 'patient/Observation.rs'],
    ['user/*.cruds', 'user/*.cruds'],
    ['system/Patient.d', 'system/Patient.d'],
    [`patient/Observation.rs?${CATEGORY}`, `patient/Observation.rs?${CATEGORY}`],
    ['patient/Observation.s?code=a&status=final', 'patient/Observation.s?code=a&status=final'],
  ])('%s', (text, rendered) => {
    expect(renderResourceScope(scope(text))).toBe(rendered);
    expect(sameScope(scope(rendered), scope(text))).toBe(true);
    expect(resourceScopeFault(text)).toBeUndefined();
  });

  test('the parts', () => {
    expect(scope(`patient/Observation.rs?${CATEGORY}`)).toEqual({
      context: 'patient',
      type: 'Observation',
      interactions: new Set(['read', 'search']),
      query: CATEGORY,
    });
    expect(scope('system/*.c')).toEqual({ context: 'system', type: '*', interactions: new Set(['create']) });
  });

  test.each([
    'openid',
    'fhirUser',
    'launch',
    'launch/patient',
    'offline_access',
    'patient',
    'Patient/*.rs',
    '',
  ])('%s is of another kind', (text) => {
    expect(parseResourceScope(text)).toBeUndefined();
    expect(resourceScopeFault(text)).toBeUndefined();
  });
});

describe('what is malformed is refused, and says why', () => {
  const LETTERS = /letters of 'cruds', each once and in that order/;
  test.each([
    ['patient/.rs', /must name a resource type after 'patient\/'/],
    ['patient/observation.rs', /must name a resource type/],
    ['patient/Obs_1.rs', /must name a resource type/],
    ['patient/**.rs', /must name a resource type/],
    ['patient/Observation', /must say what is allowed/],
    ['patient/Observation?code=a', /must say what is allowed/],
    ['patient/Observation.', LETTERS],
    ['patient/Observation.sr', LETTERS],
    ['patient/Observation.rr', LETTERS],
    ['patient/Observation.rx', LETTERS],
    ['patient/Observation.READ', LETTERS],
    ['patient/Observation.read.rs', LETTERS],
    ['patient/Observation.rs.', LETTERS],
    ['patient/Observation.read?code=a', /write letters of 'cruds' in its place/],
    ['patient/Observation.*?code=a', /write letters of 'cruds' in its place/],
    ['patient/Observation.rs?', /empty query/],
    ['patient/Observation.rs?&', /empty query/],
    ['patient/Observation.rs?code', /without a name or a value/],
    ['patient/Observation.rs?code=', /without a name or a value/],
    ['patient/Observation.rs?=a', /without a name or a value/],
    ['patient/Observation.rs?code=a&status=', /without a name or a value/],
    ['patient/Observation.rs?code=%zz', /broken percent-encoding/],
    ['patient/Observation.rs?code=a b', /character that scopes cannot have/],
    ['patient/Observation.rs?code=a\\,b', /character that scopes cannot have/],
    ['patient/Observation.rs\n', /character that scopes cannot have/],
    ['patient/Observation.rs?code=ä', /character that scopes cannot have/],
  ])('%s', (text, fault) => {
    expect(parseResourceScope(text)).toBeUndefined();
    expect(resourceScopeFault(text)).toMatch(fault);
  });

  test('one that is too long', () => {
    const text = `patient/Observation.rs?code=${'a'.repeat(SCOPE_CHARS_MAX)}`;
    expect(parseResourceScope(text)).toBeUndefined();
    expect(resourceScopeFault(text)).toMatch(/longer than/);
  });

  test('a scope without interactions cannot be written', () => {
    expect(() => renderResourceScope({ context: 'user', type: '*', interactions: new Set() })).toThrow(
      'without interactions',
    );
  });
});

describe('covering', () => {
  test.each([
    ['patient/*.rs', 'patient/Observation.r'],
    ['patient/*.read', 'patient/*.rs'],
    ['user/*.*', 'user/Patient.write'],
    ['patient/Observation.rs', 'patient/Observation.rs?code=a'],
    ['patient/Observation.rs?code=a', 'patient/Observation.r?status=final&code=a'],
    ['patient/Observation.rs?code=a%7Cb', 'patient/Observation.rs?code=a|b'],
    ['patient/*.rs?_tag=x', 'patient/Observation.rs?_tag=x'],
  ])('%s covers %s', (granted, asked) => {
    expect(covers(scope(granted), scope(asked))).toBe(true);
    expect(coveredByAny([scope(granted)], scope(asked))).toBe(true);
  });

  test.each([
    ['patient/Observation.rs', 'patient/*.rs'],
    ['patient/Observation.rs', 'patient/Condition.rs'],
    ['patient/Observation.r', 'patient/Observation.rs'],
    ['patient/*.read', 'patient/Observation.write'],
    ['user/*.cruds', 'patient/*.rs'],
    ['patient/*.cruds', 'user/Patient.r'],
    ['system/*.cruds', 'user/*.rs'],
    ['patient/Observation.rs?code=a', 'patient/Observation.rs'],
    ['patient/Observation.rs?code=a', 'patient/Observation.rs?code=b'],
    ['patient/Observation.rs?code=a', 'patient/Observation.rs?code=a,b'],
    ['patient/Observation.rs?code=a&status=final', 'patient/Observation.rs?code=a'],
    ['patient/Observation.rs?code=a=b', 'patient/Observation.rs?code=a'],
  ])('%s does not cover %s', (granted, asked) => {
    expect(covers(scope(granted), scope(asked))).toBe(false);
    expect(sameScope(scope(granted), scope(asked))).toBe(false);
  });

  test('several together', () => {
    const granted = ['patient/Observation.r', 'patient/*.s', 'patient/Condition.c?code=a'].map(scope);
    expect(coveredByAny(granted, scope('patient/Observation.rs'))).toBe(true);
    expect(coveredByAny(granted, scope('patient/Condition.cs?code=a'))).toBe(true);
    expect(coveredByAny(granted, scope('patient/Condition.cs'))).toBe(false);
    expect(coveredByAny(granted, scope('patient/Observation.rus'))).toBe(false);
    expect(coveredByAny([], scope('patient/Observation.r'))).toBe(false);
  });
});
