import { expect, test } from '@jest/globals';
import { createKeyHasher } from '../../../src/store/index/keys.ts';
import { planType } from '../../../src/store/index/plan.ts';
import { r4Definitions } from '../../support/definitions.ts';

const definitions = await r4Definitions();
const codes = (type: string) => definitions.searchParameters(type).map(({ code }) => code);

/** Parameters without values of their own that could stand in a Bundle. */
const WITHOUT_EXPRESSION = new Set(['_content', '_text', '_query']);

test.each([
  ['composition', 'Composition'],
  ['message', 'MessageHeader'],
])('Bundle has what its %s can be searched by, beside its own', (code, type) => {
  const inner = codes(type).filter((one) => !WITHOUT_EXPRESSION.has(one));
  const embedded = definitions.searchParameters('Bundle').filter((one) => one.code.startsWith(`${code}.`));
  expect(embedded.map((one) => one.code).sort()).toEqual(inner.map((one) => `${code}.${one}`).sort());
  for (const parameter of embedded) {
    const own = definitions.searchParameter(type, parameter.code.slice(code.length + 1))!;
    expect(parameter).toMatchObject({ type: own.type, base: ['Bundle'], embedded: true });
    expect(parameter.target).toEqual(own.target);
    expect(parameter.expression).toContain(`Bundle.entry[0].resource.ofType(${type}).`);
  }
});

test('the first entry is a Composition or MessageHeader where it is of that type', () => {
  expect(definitions.searchParameter('Bundle', 'composition')!.expression).toBe(
    'Bundle.entry[0].resource.where(resolve() is Composition)',
  );
  expect(definitions.searchParameter('Bundle', 'composition.patient')!.expression).toBe(
    'Bundle.entry[0].resource.ofType(Composition).subject.where(resolve() is Patient)',
  );
});

test('no other type has any', () => {
  const others = definitions.resourceTypes.filter((type) => type !== 'Bundle');
  expect(others.flatMap(codes).filter((code) => code.includes('.'))).toEqual([]);
});

test('all of them are found without an engine', () => {
  const { slots } = planType(definitions, createKeyHasher(new Uint8Array(16)), 'Bundle');
  expect(slots.filter(({ resolved }) => resolved === undefined).map(({ text }) => text)).toEqual([]);
});
