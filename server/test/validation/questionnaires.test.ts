import { describe, expect, test } from '@jest/globals';
import { RESPONSE_FAULTS_MAX, responseFaults } from '../../src/validation/questionnaires/checkResponse.ts';
import { codedAnswers } from '../../src/validation/questionnaires/codedAnswers.ts';

const QUESTIONNAIRE = {
  resourceType: 'Questionnaire',
  item: [
    { linkId: 'name', type: 'string', required: true, maxLength: 5 },
    {
      linkId: 'smokes',
      type: 'boolean',
      item: [
        {
          linkId: 'since',
          type: 'date',
          required: true,
          enableWhen: [{ question: 'smokes', operator: '=', answerBoolean: true }],
        },
      ],
    },
    {
      linkId: 'group',
      type: 'group',
      repeats: true,
      item: [{ linkId: 'dose', type: 'decimal', repeats: true }],
    },
    {
      linkId: 'colour',
      type: 'choice',
      answerOption: [
        { valueCoding: { system: 'http://x', code: 'red' } },
        { valueCoding: { system: 'http://x', code: 'blue' } },
      ],
    },
    { linkId: 'other', type: 'open-choice', answerValueSet: 'http://x/vs' },
    {
      linkId: 'pack',
      type: 'integer',
      enableBehavior: 'any',
      enableWhen: [
        { question: 'dose', operator: '>', answerDecimal: 3 },
        { question: 'smokes', operator: 'exists', answerBoolean: false },
      ],
    },
    { linkId: 'note', type: 'display' },
  ],
};
const NAME = { linkId: 'name', answer: [{ valueString: 'x' }] };
const smokes = (valueBoolean: boolean, ...item: object[]) => ({
  linkId: 'smokes',
  answer: [{ valueBoolean, ...(item.length > 0 && { item }) }],
});
const SINCE = { linkId: 'since', answer: [{ valueDate: '2020' }] };
const dose = (...values: number[]) => ({
  linkId: 'group',
  item: [{ linkId: 'dose', answer: values.map((valueDecimal) => ({ valueDecimal })) }],
});

/** What is found, as `rule path`. */
const faults = (item: object[], status = 'completed') =>
  responseFaults(QUESTIONNAIRE, { resourceType: 'QuestionnaireResponse', status, item }).map(
    ({ rule, path }) => `${rule.replace('questionnaire-', '')} ${path}`,
  );

describe('a response', () => {
  test.each([
    ['with what is required', [NAME, smokes(false)]],
    [
      'with what is enabled',
      [NAME, smokes(true, SINCE), dose(1), dose(2, 4), { linkId: 'pack', answer: [{ valueInteger: 1 }] }],
    ],
    [
      'with an option',
      [
        NAME,
        { linkId: 'colour', answer: [{ valueCoding: { system: 'http://x', code: 'red', display: 'Red' } }] },
      ],
    ],
    ['with a text where options are open', [NAME, { linkId: 'other', answer: [{ valueString: 'x' }] }]],
  ])('%s agrees with its questionnaire', (_name, item) => {
    expect(faults(item)).toEqual([]);
  });

  test.each([
    ['nothing', [], ['required ']],
    ['an answer without value', [{ linkId: 'name', answer: [{ id: 'a' }] }], ['required item[0]']],
    ['an item that is not asked', [NAME, { linkId: 'x' }], ['link item[1]']],
    ['an item in another place', [NAME, smokes(true), SINCE], ['required item[1].answer[0]', 'link item[2]']],
    ['items in another order', [smokes(false), NAME], ['order item[1]']],
    ['an item twice', [NAME, NAME], ['repeats ']],
    [
      'two answers',
      [{ linkId: 'name', answer: [{ valueString: 'a' }, { valueString: 'b' }] }],
      ['repeats item[0]'],
    ],
    [
      'a wrong type',
      [{ linkId: 'name', answer: [{ valueInteger: 1 }] }],
      ['answer-type item[0].answer[0].value'],
    ],
    [
      'a text that is too long',
      [{ linkId: 'name', answer: [{ valueString: 'abcdef' }] }],
      ['length item[0].answer[0].value'],
    ],
    [
      'another option',
      [NAME, { linkId: 'colour', answer: [{ valueCoding: { system: 'http://x', code: 'green' } }] }],
      ['option item[1].answer[0].value'],
    ],
    ['what is not enabled', [NAME, smokes(false, SINCE)], ['enabled item[1].answer[0].item[0]']],
    [
      'what no condition enables',
      [NAME, smokes(false), dose(3), { linkId: 'pack', answer: [{ valueInteger: 1 }] }],
      ['enabled item[3]'],
    ],
    ['an answer to a text', [NAME, { linkId: 'note', answer: [{ valueString: 'x' }] }], ['answer item[1]']],
    [
      'questions below a question instead of its answer',
      [NAME, { ...smokes(false), item: [SINCE] }],
      ['link item[1]'],
    ],
  ])('with %s is refused', (_name, item, expected) => {
    expect(faults(item)).toEqual(expected);
  });

  test('is told no more faults than can be read', () => {
    const strange = Array.from({ length: 200 }, (_, i) => ({ linkId: `x${i}` }));
    expect(faults(strange)).toHaveLength(RESPONSE_FAULTS_MAX);
  });

  test('may lack answers while it is in progress', () => {
    expect(faults([], 'in-progress')).toEqual([]);
  });
});

test('coded answers are found with the value set that they must be from', () => {
  const item = [
    {
      linkId: 'other',
      answer: [{ valueCoding: { system: 'http://x', code: 'y', display: 'Y' } }, { valueString: 'z' }],
    },
  ];
  expect(codedAnswers(QUESTIONNAIRE, { resourceType: 'QuestionnaireResponse', item })).toEqual([
    { valueSet: 'http://x/vs', coding: { system: 'http://x', code: 'y' }, path: 'item[0].answer[0].value' },
  ]);
});

test('a text that is not that of the question is a warning', () => {
  const item = [{ linkId: '1', type: 'string', text: 'Name?' }];
  const found = (text: string) =>
    responseFaults(
      { item },
      { status: 'completed', item: [{ linkId: '1', text, answer: [{ valueString: 'x' }] }] },
    );
  expect(found('Name?')).toEqual([]);
  expect(found('Age?')).toMatchObject([
    { rule: 'questionnaire-text', path: 'item[0].text', severity: 'warning' },
  ]);
});

test('a group that is required has something in it', () => {
  const item = [{ linkId: 'g', type: 'group', required: true, item: [{ linkId: '1', type: 'string' }] }];
  const found = (given: object[]) =>
    responseFaults({ item }, { status: 'completed', item: given }).map(({ rule, path }) => `${rule} ${path}`);
  expect(found([])).toEqual(['questionnaire-required ']);
  expect(found([{ linkId: 'g' }])).toEqual(['questionnaire-required item[0]']);
  expect(found([{ linkId: 'g', item: [{ linkId: '1', answer: [{ valueString: 'x' }] }] }])).toEqual([]);
});

test('units are found with the value set that they must be from', () => {
  const extension = [
    {
      url: 'http://hl7.org/fhir/StructureDefinition/questionnaire-unitValueSet',
      valueCanonical: 'http://x/units',
    },
  ];
  const item = [{ linkId: '1', answer: [{ valueQuantity: { value: 1, system: 'http://x', code: 'kg' } }] }];
  expect(codedAnswers({ item: [{ linkId: '1', type: 'quantity', extension }] }, { item })).toEqual([
    {
      valueSet: 'http://x/units',
      coding: { system: 'http://x', code: 'kg' },
      path: 'item[0].answer[0].value',
    },
  ]);
});

test('an item of a type that is none, whatever it is called, has no answer of the right type', () => {
  for (const type of ['__proto__', 'constructor', 5, undefined]) {
    const given = [{ linkId: '1', answer: [{ valueString: 'x' }] }];
    const found = responseFaults({ item: [{ linkId: '1', type }] }, { status: 'completed', item: given });
    expect(found.map(({ rule }) => rule)).toEqual(['questionnaire-answer-type']);
  }
});

describe('conditions', () => {
  const when = (question: string, answerBoolean: boolean) => [{ question, operator: '=', answerBoolean }];
  const questionnaire = {
    item: [
      {
        linkId: 'person',
        type: 'group',
        repeats: true,
        item: [
          { linkId: 'smokes', type: 'boolean' },
          { linkId: 'packs', type: 'integer', required: true, enableWhen: when('smokes', true) },
        ],
      },
      { linkId: 'consent', type: 'boolean' },
      {
        linkId: 'more',
        type: 'group',
        item: [{ linkId: 'text', type: 'string', enableWhen: when('consent', true) }],
      },
    ],
  };
  const smokes = (valueBoolean: boolean) => ({ linkId: 'smokes', answer: [{ valueBoolean }] });
  const packs = { linkId: 'packs', answer: [{ valueInteger: 1 }] };
  const person = (...item: object[]) => ({ linkId: 'person', item });
  const found = (...item: object[]) =>
    responseFaults(questionnaire, { status: 'completed', item }).map(({ rule, path }) => `${rule} ${path}`);

  test('are about the answer in the same repetition of a group', () => {
    expect(found(person(smokes(true), packs), person(smokes(false)))).toEqual([]);
    expect(found(person(smokes(true), packs), person(smokes(true)))).toEqual([
      'questionnaire-required item[1]',
    ]);
    expect(found(person(smokes(true), packs), person(smokes(false), packs))).toEqual([
      'questionnaire-enabled item[1].item[1]',
    ]);
    expect(found(person(smokes(true), packs), person())).toEqual([]);
  });

  test('are about answers further out where these are asked there', () => {
    const more = { linkId: 'more', item: [{ linkId: 'text', answer: [{ valueString: 'x' }] }] };
    const consent = (valueBoolean: boolean) => ({ linkId: 'consent', answer: [{ valueBoolean }] });
    expect(found(consent(true), more)).toEqual([]);
    expect(found(consent(false), more)).toEqual(['questionnaire-enabled item[1].item[0]']);
  });
});

describe('a response that is too large to be compared', () => {
  const ask = (asked: object, given: object) =>
    responseFaults({ resourceType: 'Questionnaire', ...asked }, { status: 'completed', ...given });
  const each = <T>(count: number, make: (i: number) => T): T[] =>
    Array.from({ length: count }, (_, i) => make(i));

  test('groups that repeat, each of many questions', () => {
    const item = each(2_000, (i) => ({ linkId: `a${i}`, type: 'string' }));
    const group = { linkId: 'g', type: 'group', repeats: true, item };
    const given = each(2_000, () => ({ linkId: 'g', item: [{ linkId: 'a1' }] }));
    expect(ask({ item: [group] }, { item: given }).map(({ rule }) => rule)).toEqual(['questionnaire-size']);
  });

  test('many answers of many options', () => {
    const answerOption = each(2_000, (i) => ({ valueCoding: { code: `c${i}` } }));
    const question = { linkId: 'q', type: 'choice', repeats: true, answerOption };
    const answer = each(2_000, () => ({ valueCoding: { code: 'c1999' } }));
    const found = ask({ item: [question] }, { item: [{ linkId: 'q', answer }] });
    expect(found.map(({ rule }) => rule)).toEqual(['questionnaire-size']);
  });

  test('not many items and as many questions', () => {
    const item = each(50_000, (i) => ({ linkId: `a${i}`, type: 'string' }));
    const given = each(50_000, (i) => ({ linkId: `a${i}`, answer: [{ valueString: 'x' }] }));
    expect(ask({ item }, { item: given })).toEqual([]);
  });
});
