import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../src/fhir/definitions/types.ts';
import { createInvariants } from '../../src/validation/invariants/createInvariants.ts';
import { responseFaults } from '../../src/validation/questionnaires/checkResponse.ts';
import {
  createResponseExpressions,
  type ResponseExpressions,
} from '../../src/validation/questionnaires/expressions.ts';
import { r4Definitions } from '../support/definitions.ts';

const HL7 = 'http://hl7.org/fhir/StructureDefinition';
const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition';
const UCUM = 'http://unitsofmeasure.org';

let expressions: ResponseExpressions;
beforeAll(async () => {
  const definitions: Definitions = await r4Definitions();
  expressions = createResponseExpressions(createInvariants(definitions));
});

/** What is found, as `rule path`. */
function found(asked: object, item: object[], status = 'completed'): string[] {
  const response = { resourceType: 'QuestionnaireResponse', status, item };
  const faults = responseFaults({ resourceType: 'Questionnaire', ...asked }, response, expressions);
  return faults.map(({ rule, path, severity }) => `${severity ?? rule} ${path}`);
}

const fhirPath = (expression: string) => ({ valueExpression: { language: 'text/fhirpath', expression } });
const answered = (linkId: string, ...answer: object[]) => ({ linkId, answer });
const text = (valueString: string) => ({ valueString });

describe('an item that an expression enables', () => {
  const url = `${SDC}/sdc-questionnaire-enableWhenExpression`;
  const asked = (expression: object) => ({
    item: [
      { linkId: 'a', type: 'boolean' },
      { linkId: 'b', type: 'string', required: true, extension: [{ url, ...expression }] },
    ],
  });
  const ifA = asked(fhirPath("%resource.item.where(linkId = 'a').answer.value = true"));
  const a = (valueBoolean: boolean) => answered('a', { valueBoolean });

  test('is required, or may not be answered, as the expression says', () => {
    expect(found(ifA, [a(true)])).toEqual(['questionnaire-required ']);
    expect(found(ifA, [a(true), answered('b', text('x'))])).toEqual([]);
    expect(found(ifA, [a(false)])).toEqual([]);
    expect(found(ifA, [])).toEqual([]);
    expect(found(ifA, [a(false), answered('b', text('x'))])).toEqual(['questionnaire-enabled item[1]']);
  });

  test.each([
    ['a variable that nobody gives', fhirPath('%patient.active')],
    ['no FHIRPath', fhirPath('a b c')],
    ['another language', { valueExpression: { language: 'text/cql', expression: 'true' } }],
  ])('is neither where it cannot be found out: %s', (_what, expression) => {
    expect(found(asked(expression), [a(true)])).toEqual([]);
    expect(found(asked(expression), [a(true), answered('b', text('x'))])).toEqual([]);
  });
});

describe('constraints of a questionnaire', () => {
  const constraint = (url: string, expression: object, severity = 'error') => ({
    url,
    extension: [
      { url: 'key', valueId: 'own-1' },
      { url: 'severity', valueCode: severity },
      { url: 'human', valueString: 'Say more.' },
      { url: 'expression', ...expression },
    ],
  });
  const longer = 'answer.value.length() > 3';

  test.each([
    [`${HL7}/questionnaire-constraint`, { valueString: longer }],
    [`${SDC}/targetConstraint`, fhirPath(longer)],
  ])('are asked of each item that answers: %s', (url, expression) => {
    const asked = (severity: string) => ({
      item: [{ linkId: 'a', type: 'string', extension: [constraint(url, expression, severity)] }],
    });
    expect(found(asked('error'), [answered('a', text('long'))])).toEqual([]);
    expect(found(asked('error'), [answered('a', text('x'))])).toEqual(['questionnaire-constraint item[0]']);
    expect(found(asked('warning'), [answered('a', text('x'))])).toEqual(['warning item[0]']);
    expect(found(asked('error'), [])).toEqual([]);
    expect(found(asked('error'), [answered('a', text('x'))], 'in-progress')).toEqual([]);
  });

  test('are asked of the whole, which is %resource everywhere', () => {
    const expression = {
      valueString: "item.where(linkId = 'a').exists() and %resource.status = 'completed'",
    };
    const asked = {
      extension: [constraint(`${HL7}/questionnaire-constraint`, expression)],
      item: [{ linkId: 'a', type: 'string' }],
    };
    expect(found(asked, [answered('a', text('x'))])).toEqual([]);
    expect(found(asked, [])).toEqual(['questionnaire-constraint ']);
  });
});

describe('conditions', () => {
  const quantity = (value: number, code: string) => ({ value, system: UCUM, code });
  const when = (type: string, operator: string, answer: object) => ({
    item: [
      { linkId: 'a', type },
      { linkId: 'b', type: 'string', enableWhen: [{ question: 'a', operator, ...answer }] },
    ],
  });

  test.each([
    ['>', quantity(2000, 'g'), true],
    ['>', quantity(500, 'g'), false],
    ['=', quantity(1000, 'g'), true],
    ['!=', quantity(1000, 'g'), false],
    ['<', quantity(1, 'm'), false],
  ])('compare quantities in other units: %s 1 kg, %j', (operator, valueQuantity, isEnabled) => {
    const asked = when('quantity', operator, { answerQuantity: quantity(1, 'kg') });
    const faults = found(asked, [answered('a', { valueQuantity }), answered('b', text('x'))]);
    expect(faults).toEqual(isEnabled ? [] : ['questionnaire-enabled item[1]']);
  });

  test('order texts by their characters', () => {
    const asked = when('string', '>=', { answerString: 'b' });
    expect(found(asked, [answered('a', text('c')), answered('b', text('x'))])).toEqual([]);
    expect(found(asked, [answered('a', text('a')), answered('b', text('x'))])).toEqual([
      'questionnaire-enabled item[1]',
    ]);
  });
});
