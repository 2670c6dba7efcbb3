import { describe, expect, test } from '@jest/globals';
import { fruitWorld, parameters, texts, value, valueSet, type Json } from './fruitWorld.ts';

const SYSTEM = 'http://example.org/CodeSystem/old';
const STATUS = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status';
const standardsStatus = (valueCode: string) => ({ extension: [{ url: STATUS, valueCode }] });

/** Codes that should not be used any more (http://hl7.org/fhir/R4/codesystem.html#status). */
describe('the status of codes', () => {
  const { post, api } = fruitWorld();
  const system = {
    resourceType: 'CodeSystem',
    id: 'old',
    url: SYSTEM,
    version: '1',
    status: 'active',
    content: 'complete',
    caseSensitive: true,
    concept: [
      { code: 'fresh' },
      { code: 'stale', property: [{ code: 'deprecated', valueDateTime: '2020-01-01' }] },
      { code: 'soon', property: [{ code: 'deprecated', valueDateTime: '2999-01-01' }] },
      { code: 'gone', property: [{ code: 'status', valueCode: 'retired' }] },
      { code: 'group', property: [{ code: 'notSelectable', valueBoolean: true }] },
    ],
  };
  const include = [{ system: SYSTEM }];
  const ask = async (resource: Json, ...more: Json[]) => {
    const sent = [
      { name: 'tx-resource', resource: system },
      { name: 'valueSet', resource },
    ];
    return (await post('/ValueSet/$validate-code', parameters(...sent, ...more))).body;
  };
  const coding = (code: string) => ({ name: 'coding', valueCoding: { system: SYSTEM, code } });

  test('`deprecated` is a date, from which on the code should be reviewed', async () => {
    const stale = await ask(valueSet('all-old', { include }), coding('stale'));
    expect([value(stale, 'result'), value(stale, 'status')]).toEqual([true, 'deprecated']);
    expect(texts(stale)).toEqual([
      "warning: The concept 'stale' has a status of deprecated and its use should be reviewed",
    ]);
    expect(value(stale, 'message')).toMatch('should be reviewed');
    const soon = await ask(valueSet('all-old', { include }), coding('soon'));
    expect([value(soon, 'status'), texts(soon)]).toEqual([undefined, []]);
  });

  test('that a code is not in use is told of a concept too, which is why it is in no value set', async () => {
    const concept = { coding: [{ system: SYSTEM, code: 'gone' }] };
    const answer = await ask(valueSet('active-old', { inactive: false, include }), {
      name: 'codeableConcept',
      valueCodeableConcept: concept,
    });
    expect([value(answer, 'result'), value(answer, 'inactive'), value(answer, 'status')]).toEqual([
      false,
      true,
      'retired',
    ]);
  });

  test('a code that only groups others is not in the value set where such are not wanted', async () => {
    const answer = await ask(valueSet('all-old', { include }), coding('group'), {
      name: 'abstract',
      valueBoolean: false,
    });
    expect(texts(answer)).toEqual([
      `error: Code '${SYSTEM}#group' is abstract, and not allowed in this context`,
      `error: The provided code '${SYSTEM}#group' was not found in the value set 'http://example.org/ValueSet/all-old|1'`,
    ]);
  });

  test('what a value set says of the status of a code is told in its expansion', async () => {
    const concept = [{ code: 'fresh', ...standardsStatus('deprecated') }];
    const resource = valueSet('marked', { include: [{ system: SYSTEM, concept }] });
    const sent = [
      { name: 'tx-resource', resource: system },
      { name: 'valueSet', resource },
    ];
    const { body } = await post('/ValueSet/$expand', parameters(...sent));
    expect(body.expansion.contains).toEqual([
      { system: SYSTEM, code: 'fresh', ...standardsStatus('deprecated') },
    ]);
  });

  test('`withdrawn` is a status of standards, though R4 did not have it yet', async () => {
    const put = (code: string) =>
      api()
        .put('/ValueSet/withdrawn')
        .type('application/fhir+json')
        .send(JSON.stringify({ ...valueSet('withdrawn', { include }), ...standardsStatus(code) }));
    expect((await put('withdrawn')).status).toBe(201);
    expect((await put('forgotten')).status).toBe(400);
  });
});
