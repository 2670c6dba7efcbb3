import { expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from '../rest/support.ts';

const URL = 'http://example.org/Questionnaire/versions';
const { api } = serverForFile();

const questionnaire = (version: string, type: string) => ({
  resourceType: 'Questionnaire',
  id: `v-${version.replace('.', '-')}`,
  url: URL,
  version,
  status: 'active',
  item: [{ linkId: 'a', type, text: 'A' }],
});

/** The rules that an integer as the answer breaks. */
async function broken(canonical: string): Promise<string[]> {
  const item = [{ linkId: 'a', text: 'A', answer: [{ valueInteger: 1 }] }];
  const response = {
    resourceType: 'QuestionnaireResponse',
    questionnaire: canonical,
    status: 'completed',
    item,
  };
  const { body } = await api()
    .post('/QuestionnaireResponse/$validate')
    .set('Content-Type', FHIR)
    .send(fhir(response));
  const issues = body.issue as { severity: string; details?: { coding: { code: string }[] } }[];
  return issues.filter(({ severity }) => severity === 'error').map(({ details }) => details!.coding[0]!.code);
}

test('a questionnaire without a version is the latest one, in whatever order they were stored', async () => {
  for (const one of [questionnaire('1.10', 'integer'), questionnaire('1.9', 'string')])
    expect(
      (await api().put(`/Questionnaire/${one.id}`).set('Content-Type', FHIR).send(fhir(one))).status,
    ).toBe(201);
  expect(await broken(URL)).toEqual([]);
  expect(await broken(`${URL}|1.10`)).toEqual([]);
  expect(await broken(`${URL}|1.9`)).toEqual(['questionnaire-answer-type']);
});
