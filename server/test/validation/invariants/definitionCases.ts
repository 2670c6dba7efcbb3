import { question, bundle, valueSet, element, type BrokenCase } from './resources.ts';

/** Broken invariants of Bundles, questionnaires and definitions. */
export const DEFINITION_CASES: BrokenCase[] = [
  [
    'que-1',
    'Questionnaire.item[0]',
    question({ type: 'group' }),
    question({ type: 'group', item: [{ linkId: '2', type: 'display' }] }),
  ],
  [
    'que-2',
    'Questionnaire',
    question({ type: 'group', item: [{ linkId: '1', type: 'display' }] }),
    question({}),
  ],
  [
    'que-3',
    'Questionnaire.item[0]',
    question({ type: 'display', code: [{ code: 'x' }] }),
    question({ code: [{ code: 'x' }] }),
  ],
  [
    'que-7',
    'Questionnaire.item[0].enableWhen[0]',
    question({ enableWhen: [{ question: '1', operator: 'exists', answerString: 'x' }] }),
    question({ enableWhen: [{ question: '1', operator: 'exists', answerBoolean: true }] }),
  ],
  [
    'que-11',
    'Questionnaire.item[0]',
    question({ type: 'choice', answerOption: [{ valueString: 'a' }], initial: [{ valueString: 'a' }] }),
    question({ type: 'choice', answerOption: [{ valueString: 'a' }] }),
  ],
  [
    'que-12',
    'Questionnaire.item[0]',
    question({ enableWhen: [1, 2, 3].map((n) => ({ question: `${n}`, operator: '=', answerInteger: n })) }),
    question({
      enableBehavior: 'all',
      enableWhen: [1, 2, 3].map((n) => ({ question: `${n}`, operator: '=', answerInteger: n })),
    }),
  ],
  [
    'que-13',
    'Questionnaire.item[0]',
    question({ initial: [{ valueString: 'a' }, { valueString: 'b' }] }),
    question({ repeats: true, initial: [{ valueString: 'a' }, { valueString: 'b' }] }),
  ],
  [
    'qrs-1',
    'QuestionnaireResponse.item[0]',
    {
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      item: [{ linkId: '1', answer: [{ valueString: 'x' }], item: [{ linkId: '2' }] }],
    },
    {
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      item: [{ linkId: '1', answer: [{ valueString: 'x' }] }],
    },
  ],
  ['bdl-1', 'Bundle', { ...bundle('batch'), total: 1 }, { ...bundle('searchset'), total: 1 }],
  [
    'bdl-3',
    'Bundle',
    bundle('batch', { resource: { resourceType: 'Patient' } }),
    bundle('batch', { request: { method: 'GET', url: 'Patient' } }),
  ],
  [
    'bdl-5',
    'Bundle.entry[0]',
    bundle('collection', { fullUrl: 'urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7' }),
    bundle('collection', { resource: { resourceType: 'Patient' } }),
  ],
  [
    'bdl-7',
    'Bundle',
    bundle(
      'collection',
      ...[1, 2].map(() => ({
        fullUrl: 'http://example.org/Patient/1',
        resource: { resourceType: 'Patient', id: '1' },
      })),
    ),
    bundle(
      'collection',
      ...['1', '2'].map((versionId) => ({
        fullUrl: 'http://example.org/Patient/1',
        resource: { resourceType: 'Patient', id: '1', meta: { versionId } },
      })),
    ),
  ],
  [
    'bdl-8',
    'Bundle.entry[0]',
    bundle('collection', {
      fullUrl: 'http://example.org/Patient/1/_history/1',
      resource: { resourceType: 'Patient', id: '1' },
    }),
    bundle('collection', {
      fullUrl: 'http://example.org/Patient/1',
      resource: { resourceType: 'Patient', id: '1' },
    }),
  ],
  [
    'vsd-1',
    'ValueSet.compose.include[0]',
    valueSet({ compose: { include: [{ version: '1' }] } }),
    valueSet({ compose: { include: [{ system: 'http://loinc.org' }] } }),
  ],
  [
    'vsd-3',
    'ValueSet.compose.include[0]',
    valueSet({
      compose: {
        include: [
          {
            system: 'http://loinc.org',
            concept: [{ code: 'a' }],
            filter: [{ property: 'p', op: '=', value: 'v' }],
          },
        ],
      },
    }),
    valueSet({ compose: { include: [{ system: 'http://loinc.org', concept: [{ code: 'a' }] }] } }),
  ],
  [
    'csd-1',
    'CodeSystem',
    {
      resourceType: 'CodeSystem',
      status: 'draft',
      content: 'complete',
      concept: [{ code: 'a', concept: [{ code: 'a' }] }],
    },
    {
      resourceType: 'CodeSystem',
      status: 'draft',
      content: 'complete',
      concept: [{ code: 'a', concept: [{ code: 'b' }] }],
    },
  ],
  [
    'eld-2',
    'StructureDefinition.differential.element[1]',
    element({ min: 2, max: '1' }),
    element({ min: 1, max: '*' }),
  ],
  ['eld-3', 'StructureDefinition.differential.element[1].max', element({ max: '-1' }), element({ max: '1' })],
  [
    'eld-16',
    'StructureDefinition.differential.element[1]',
    element({ sliceName: 'a b' }),
    element({ sliceName: 'a-b_c/d[x]@e' }),
  ],
  ['sdf-6', 'StructureDefinition', { ...element({}), differential: undefined }, element({})],
];
