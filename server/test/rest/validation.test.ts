import { describe, expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from './support.ts';

const strict = serverForFile({ validation: 'strict' });
const byDefault = serverForFile();

const observation = (content: object) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  ...content,
});

/** Status of a create, and the rules that it breaks. */
async function create(server: typeof strict, resource: { resourceType: string }): Promise<unknown[]> {
  const { status, body } = await server
    .api()
    .post(`/${resource.resourceType}`)
    .set('Content-Type', FHIR)
    .send(fhir(resource));
  const issues = (body.issue ?? []) as { details: { coding: { code: string }[] } }[];
  return [status, ...issues.map(({ details }) => details.coding[0]!.code)];
}

describe('a write', () => {
  test('conforms to R4, whose codes, references and invariants it keeps', async () => {
    expect(await create(byDefault, observation({}))).toEqual([201]);
    expect(await create(byDefault, observation({ status: 'done' }))).toEqual([400, 'binding-required']);
    expect(await create(byDefault, observation({ subject: { reference: 'Organization/1' } }))).toEqual([
      400,
      'reference-target',
    ]);
    expect(await create(byDefault, { resourceType: 'Organization' })).toEqual([400, 'invariant']);
  });

  test.each([
    [FHIR, '{"resourceType":"Patient","multipleBirthInteger":2.0}'],
    [FHIR, '{"resourceType":"Patient","multipleBirthInteger":2e0}'],
    [
      'application/fhir+xml',
      '<Patient xmlns="http://hl7.org/fhir"><multipleBirthInteger value="2.0"/></Patient>',
    ],
  ])('has integers in digits alone (%s %s)', async (type, text) => {
    const send = (url: string) => byDefault.api().post(url).set('Content-Type', type).send(text);
    const refused = await send('/Patient').expect(400);
    expect(refused.text).toContain('Patient.multipleBirth');
    expect((await send('/Patient/$validate')).text).toContain('Patient.multipleBirth');
  });

  test('may refer to what is not there, and claim any profile', async () => {
    const claim = {
      meta: { profile: ['http://example.org/none'] },
      subject: { reference: 'Patient/nobody' },
    };
    expect(await create(byDefault, observation(claim))).toEqual([201]);
  });

  test('has no such reference and no unknown profile where validation is strict', async () => {
    expect(await create(strict, observation({ subject: { reference: 'Patient/nobody' } }))).toEqual([
      400,
      'reference-unknown',
    ]);
    const claim = { meta: { profile: ['http://example.org/none'] } };
    expect((await create(strict, observation(claim)))[1]).toBe('profile-unknown');
    await strict
      .api()
      .put('/Patient/here')
      .set('Content-Type', FHIR)
      .send(fhir({ resourceType: 'Patient', id: 'here' }));
    expect(await create(strict, observation({ subject: { reference: 'Patient/here' } }))).toEqual([201]);
  });

  test('of a response agrees with the questionnaire that is stored', async () => {
    const questionnaire = {
      resourceType: 'Questionnaire',
      url: 'http://example.org/q',
      status: 'active',
      item: [
        { linkId: 'a', type: 'boolean', required: true },
        { linkId: 'b', type: 'choice', answerValueSet: 'http://hl7.org/fhir/ValueSet/administrative-gender' },
      ],
    };
    expect(await create(byDefault, questionnaire)).toEqual([201]);
    const response = (...item: object[]) => ({
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      questionnaire: 'http://example.org/q',
      item,
    });
    const yes = { linkId: 'a', answer: [{ valueBoolean: true }] };
    const system = 'http://hl7.org/fhir/administrative-gender';
    const coded = (code: string) => ({ linkId: 'b', answer: [{ valueCoding: { system, code } }] });
    expect(await create(byDefault, response(yes, coded('male')))).toEqual([201]);
    expect(await create(byDefault, response(yes, coded('m')))).toEqual([400, 'questionnaire-option']);
    expect(await create(byDefault, response(coded('male')))).toEqual([400, 'questionnaire-required']);
  });
});
