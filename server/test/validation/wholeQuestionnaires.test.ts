import { beforeAll, describe, expect, test } from '@jest/globals';
import { createValidator } from '../../src/validation/createValidator.ts';
import type { Validator } from '../../src/validation/validator.ts';
import { r4Definitions } from '../support/definitions.ts';
import { issuesNow } from '../support/validation.ts';

describe('what is contained', () => {
  let validator: Validator;
  beforeAll(async () => {
    validator = createValidator(await r4Definitions());
  });
  const vs = (more: object) => ({ resourceType: 'ValueSet', id: 'vs', status: 'active', ...more });
  const response = (system: string, code: string) => ({
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    questionnaire: 'http://example.org/q',
    item: [{ linkId: '1', answer: [{ valueCoding: { system, code } }] }],
  });
  const asked = (valueSet: object) => ({
    resourceType: 'Questionnaire',
    contained: [valueSet],
    item: [{ linkId: '1', type: 'choice', answerValueSet: '#vs' }],
  });
  const compose = { include: [{ system: 'http://x', concept: [{ code: 'a' }] }] };

  test('value sets of a questionnaire decide by their list', async () => {
    const withQuestionnaire = async (valueSet: object, code: string) => {
      const ports = { questionnaires: { questionnaire: async () => asked(valueSet) } };
      const own = createValidator(await r4Definitions(), { ports });
      const issues = await own.validate(response('http://x', code));
      return issues.map(({ details, expression }) => `${details?.coding?.[0]?.code} ${expression?.[0]}`);
    };
    const outside = ['questionnaire-option QuestionnaireResponse.item[0].answer[0].value'];
    for (const valueSet of [
      vs({ compose }),
      vs({ expansion: { contains: [{ abstract: true, contains: [{ system: 'http://x', code: 'a' }] }] } }),
    ]) {
      expect(await withQuestionnaire(valueSet, 'a')).toEqual([]);
      expect(await withQuestionnaire(valueSet, 'b')).toEqual(outside);
    }
  });

  test('those that take a code system are asked about as they are', async () => {
    const valueSet = vs({ compose: { include: [{ system: 'http://x' }] } });
    const questions: unknown[] = [];
    const own = createValidator(await r4Definitions(), {
      ports: {
        questionnaires: { questionnaire: async () => asked(valueSet) },
        codes: {
          answer: async (all) => {
            questions.push(...all);
            return all.map(() => ({ verdict: 'out' }));
          },
        },
      },
    });
    const issues = await own.validate(response('http://x', 'a'));
    expect(questions).toEqual([
      { valueSet: '#vs', resource: valueSet, codings: [{ system: 'http://x', code: 'a' }] },
    ]);
    expect(issues.map(({ expression }) => expression)).toEqual([
      ['QuestionnaireResponse.item[0].answer[0].value'],
    ]);
  });

  test('a questionnaire that the response contains is compared with it', () => {
    const questionnaire = { ...asked(vs({ compose })), id: 'q', status: 'active', contained: undefined };
    const own = {
      ...response('http://x', 'b'),
      questionnaire: '#q',
      contained: [JSON.parse(JSON.stringify(questionnaire)) as object],
      item: [{ linkId: '2' }],
    };
    expect(
      issuesNow(validator, own).map(({ details, expression }) => [
        details?.coding?.[0]?.code,
        expression?.[0],
      ]),
    ).toContainEqual(['questionnaire-link', 'QuestionnaireResponse.item[0]']);
  });
});

describe('a questionnaire', () => {
  let validator: Validator;
  beforeAll(async () => {
    validator = createValidator(await r4Definitions());
  });
  const found = (...item: object[]) =>
    issuesNow(validator, { resourceType: 'Questionnaire', status: 'draft', item }).map(
      ({ details, expression }) => `${details?.coding?.[0]?.code} ${expression?.[0]}`,
    );
  const condition = (question: string) => ({
    linkId: '2',
    type: 'string',
    enableWhen: [{ question, operator: 'exists', answerBoolean: true }],
  });

  test('has conditions about its items', () => {
    const group = { linkId: 'g', type: 'group', item: [condition('1')] };
    expect(found({ linkId: '1', type: 'string' }, group)).toEqual([]);
    expect(found({ linkId: '3', type: 'string' }, group)).toEqual([
      'questionnaire-condition Questionnaire.item[1].item[0].enableWhen[0].question',
    ]);
  });

  test('has no conditions about itself or what is below it; about what is asked later is a warning', () => {
    const inner = { linkId: '3', type: 'string' };
    const place = 'questionnaire-condition Questionnaire.item[0].enableWhen[0].question';
    expect(found(condition('2'))).toEqual([place]);
    expect(found({ ...condition('3'), item: [inner] })).toEqual([place]);
    expect(found(condition('3'), inner)).toEqual([]);
    const resource = { resourceType: 'Questionnaire', status: 'draft', item: [condition('3'), inner] };
    const issues = validator.validate(resource, { thorough: true });
    const warnings = Array.isArray(issues) ? issues : [];
    expect(
      warnings.map(({ details, severity }) => `${severity} ${details?.coding?.[0]?.code}`),
    ).toContainEqual('warning questionnaire-condition');
  });

  test('compares answers with values of their type; others are a warning', () => {
    const asked = (type: string, more: object = {}) => ({ linkId: '1', type, ...more });
    const rules = (question: object, enableWhen: object) => {
      const item = [
        question,
        { linkId: '2', type: 'string', enableWhen: [{ question: '1', ...enableWhen }] },
      ];
      const resource = { resourceType: 'Questionnaire', status: 'draft', item };
      return issuesNow(validator, resource, { thorough: true, mode: 'base' })
        .map(({ severity, details, expression }) => `${severity} ${details?.coding?.[0]?.code} ${expression}`)
        .filter((text) => text.includes('questionnaire'));
    };
    const warning = 'warning questionnaire-value-type Questionnaire.item[1].enableWhen[0].answer';
    const text = { operator: '=', answerString: 'yes' };
    expect(rules(asked('boolean'), text)).toEqual([warning]);
    expect(rules(asked('date'), { operator: '>', answerDateTime: '2020' })).toEqual([warning]);
    expect(rules(asked('boolean'), { operator: '=', answerBoolean: true })).toEqual([]);
    expect(rules(asked('boolean'), { operator: 'exists', answerBoolean: true })).toEqual([]);
    for (const type of ['choice', 'open-choice', 'text', 'url']) expect(rules(asked(type), text)).toEqual([]);
  });

  test('names contained value sets that are there', () => {
    const item = (answerValueSet: string) => [{ linkId: '1', type: 'choice', answerValueSet }];
    const contained = [{ resourceType: 'ValueSet', id: 'vs', status: 'active' }];
    const rules = (more: object) =>
      issuesNow(validator, { resourceType: 'Questionnaire', status: 'draft', ...more })
        .map(({ details, expression }) => `${details?.coding?.[0]?.code} ${expression?.[0]}`)
        .filter((text) => text.startsWith('canonical'));
    expect(rules({ contained, item: item('#vs') })).toEqual([]);
    expect(rules({ item: item('http://example.org/vs') })).toEqual([]);
    expect(rules({ contained, item: item('#other') })).toEqual([
      'canonical-contained Questionnaire.item[0].answerValueSet',
    ]);
    expect(rules({ item: [{ ...item('#vs')[0] }] })).toEqual([
      'canonical-contained Questionnaire.item[0].answerValueSet',
    ]);
    const derived = { derivedFrom: ['http://example.org/q', '#q'] };
    expect(rules(derived)).toEqual(['canonical-contained Questionnaire.derivedFrom[1]']);
  });

  test('has options and initial values of the type of their item', () => {
    const coding = { valueCoding: { code: 'x' } };
    expect(
      found(
        { linkId: '1', type: 'integer', initial: [{ valueInteger: 1 }] },
        { linkId: '2', type: 'choice', answerOption: [coding, { valueString: 'x' }] },
        { linkId: '3', type: 'url', initial: [{ valueUri: 'http://x' }] },
        { linkId: '4', type: 'text', initial: [{ valueString: 'x' }] },
      ),
    ).toEqual([]);
    expect(
      found(
        { linkId: '1', type: 'integer', initial: [{ valueDecimal: 1.5 }] },
        { linkId: '2', type: 'date', answerOption: [coding] },
      ),
    ).toEqual([
      'questionnaire-value-type Questionnaire.item[0].initial[0].value',
      'questionnaire-value-type Questionnaire.item[1].answerOption[0].value',
    ]);
  });
});
