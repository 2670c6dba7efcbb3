import { expect, test } from '@jest/globals';
import { simpleEcl } from '../../src/terminology/valueSets/ecl.ts';

const isA = (value: string) => ({ filter: [{ property: 'concept', op: 'is-a', value }] });

test.each([
  ['<< 22298006 |Heart attack, or MI OR infarct|', { include: [isA('22298006')] }],
  ['<<22298006|a, b| OR << 73211009 |Diabetes (disorder)|', { include: [isA('22298006'), isA('73211009')] }],
  ['<< 22298006 |x MINUS y| MINUS << 73211009', { include: [isA('22298006')], exclude: [isA('73211009')] }],
  ['<< 22298006 : 363698007 = *', undefined],
  ['<< 22298006 OR', undefined],
])('%s', (text, compose) => {
  expect(simpleEcl(text, {})).toEqual(compose);
});
