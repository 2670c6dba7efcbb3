import { expect, test } from '@jest/globals';
import { withImpliedConditions } from '../../../../src/store/search/conditions/impliedConditions.ts';
import { r4Definitions } from '../../../support/definitions.ts';
import { Statements } from '../statement/statements.ts';

const statements = new Statements(await r4Definitions());

const impliedBy = (url: string): string[] => {
  const query = statements.parse(url);
  const [search] = withImpliedConditions(statements.index, query).searches;
  return search!.conditions.slice(query.searches[0]!.conditions.length).map((condition) => {
    if (condition.kind !== 'token') throw new Error(condition.kind);
    return `${condition.parameter.code}=${condition.tokens.map(({ code }) => code).join(',')}`;
  });
};

test.each([
  ['Observation?code-value-quantity=loinc|8867-4$gt80', ['code=8867-4']],
  ['Observation?code-value-concept=a$b', ['code=a', 'value-concept=b']],
  ['Observation?code-value-date=a$2020&status=final', ['code=a']],
])('%s has %j', (url, implied) => expect(impliedBy(url)).toEqual(implied));

test.each([
  // Either of two.
  'Observation?code-value-quantity=a$gt80,b$lt5',
  // Components repeat: code and value stand together in one of them.
  'Observation?component-code-value-quantity=a$gt80',
  // A resource or one of its components.
  'Observation?combo-code-value-quantity=a$gt80',
  'Observation?code=a',
])('%s implies nothing', (url) => {
  const query = statements.parse(url);
  expect(withImpliedConditions(statements.index, query)).toBe(query);
});
