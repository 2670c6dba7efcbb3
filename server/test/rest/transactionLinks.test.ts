import { describe, expect, test } from '@jest/globals';
import {
  bundleSender,
  create,
  put,
  remove,
  patient,
  observation,
  statuses,
  type Body,
} from './bundle/support.ts';
import { FHIR, serverForFile } from './support.ts';

const { api, base } = serverForFile();
const { send, run, count } = bundleSender(api);

describe('conditional references', () => {
  test('become references to what is stored, or to what the transaction writes', async () => {
    const [stored] = await run(create(patient('e-1')));
    const answers = await run(
      create(observation('Patient?identifier=urn:test|e-1')),
      create(observation('Patient?identifier=e-2')),
      create(patient('e-2')),
      put('Patient/e-3', patient('e-3', { id: 'e-3' })),
      create(observation('Patient?identifier=e-3')),
    );
    const subjects = answers.map(
      ({ resource }) => (resource!.subject as { reference: string } | undefined)?.reference,
    );
    expect(subjects[0]).toBe(`Patient/${stored!.resource!.id}`);
    expect(subjects[1]).toBe(`Patient/${answers[2]!.resource!.id}`);
    expect(subjects[4]).toBe('Patient/e-3');
    expect(await count('Observation?subject:Patient.identifier=e-2')).toBe(1);
  });

  test('mean this server by its address, too, and leave others alone', async () => {
    const [stored] = await run(create(patient('e-4')));
    const found = `Patient/${stored!.resource!.id}`;
    const elsewhere = 'http://example.org/fhir/Patient?identifier=e-4';
    const answers = await run(
      create(observation(`${base()}/Patient?identifier=urn:test|e-4`)),
      create(observation(elsewhere)),
    );
    const alone = await api()
      .post('/Observation')
      .set('Content-Type', FHIR)
      .send(observation(`${base()}/Patient?identifier=e-4`))
      .expect(201);
    const subjects = [...answers.map(({ resource }) => resource!.subject), alone.body.subject];
    expect(subjects).toEqual([found, elsewhere, found].map((reference) => ({ reference })));
    await send([create(observation(`${base()}/Patient?identifier=never`))]).expect(412);
    await send([create(observation(`${base()}/Encounter?identifier=e-4`))]).expect(400);
  });

  test('do not find what the transaction deletes or changes', async () => {
    const [first] = await run(create(patient('f-1')));
    const { id } = first!.resource!;
    await send([remove(`Patient/${id}`), create(observation('Patient?identifier=f-1'))]).expect(412);
    await send([
      put(`Patient/${id}`, patient('f-changed', { id })),
      create(observation('Patient?identifier=f-1')),
    ]).expect(412);
    await api().get(`/Patient/${id}`).expect(200);
  });

  test.each([
    ['nothing is found', 'Patient?identifier=never', 412],
    ['the parameter is unknown', 'Patient?nonsense=1', 400],
    ['there are no criteria', 'Patient?', 400],
  ])('refused where %s', async (_what, reference, status) => {
    const refused = await send([create(patient('g-1')), create(observation(reference))]).expect(status);
    expect(refused.body.issue[0].expression).toEqual(['Bundle.entry[1].resource.subject']);
    expect(await count('Patient?identifier=g-1')).toBe(0);
    const alone = await api()
      .post('/Observation')
      .set('Content-Type', FHIR)
      .send(observation(reference))
      .expect(status);
    expect(alone.body.issue[0].expression).toEqual(['Observation.subject']);
  });

  test('in a batch each entry finds its own', async () => {
    await run(create(patient('h-1')));
    const answer = await send(
      [create(observation('Patient?identifier=h-1')), create(observation('Patient?identifier=never'))],
      'batch',
    ).expect(200);
    expect(statuses(answer.body.entry)).toEqual(['201', '412']);
  });
});

describe('links between entries', () => {
  test('are settled wherever they stand', async () => {
    const answers = await run(
      create(
        {
          resourceType: 'DocumentReference',
          status: 'current',
          text: {
            status: 'generated',
            div: '<div xmlns="http://www.w3.org/1999/xhtml"><a href="urn:uuid:b">file</a> <img src="urn:uuid:b#x" alt=""/> urn:uuid:b</div>',
          },
          contained: [
            {
              resourceType: 'Observation',
              id: 'o',
              status: 'final',
              code: { text: 'x' },
              subject: { reference: 'urn:uuid:p' },
            },
          ],
          content: [{ attachment: { url: 'urn:uuid:b' } }],
          context: { related: [{ reference: '#o' }] },
          extension: [
            { url: 'http://example.org/uri', valueUri: 'urn:uuid:p' },
            { url: 'http://example.org/text', valueString: 'urn:uuid:p' },
          ],
        } as Body,
        'urn:uuid:d',
      ),
      create({ resourceType: 'Binary', contentType: 'text/plain', data: 'eA==' }, 'urn:uuid:b'),
      create(patient('i-1'), 'urn:uuid:p'),
      create({
        resourceType: 'QuestionnaireResponse',
        status: 'completed',
        questionnaire: 'urn:uuid:q',
      } as Body),
      create({ resourceType: 'Questionnaire', status: 'draft' } as Body, 'urn:uuid:q'),
    );
    const [document, binary, subject, response, questionnaire] = answers.map(({ resource }) => resource!);
    const file = `Binary/${binary!.id}`;
    expect(document!.content).toEqual([{ attachment: { url: file } }]);
    expect((document!.text as { div: string }).div).toContain(
      `<a href="${file}">file</a> <img src="${file}#x" alt=""/> urn:uuid:b`,
    );
    expect((document!.contained as Body[])[0]!.subject).toEqual({ reference: `Patient/${subject!.id}` });
    expect(
      (document!.extension as Body[]).map(({ valueUri, valueString }) => valueUri ?? valueString),
    ).toEqual([`Patient/${subject!.id}`, 'urn:uuid:p']);
    expect(response!.questionnaire).toBe(`Questionnaire/${questionnaire!.id}`);
  });

  test('keep their version, and relative ones mean neighbours', async () => {
    const answers = await run(
      create(patient('j-1'), 'http://example.org/fhir/Patient/7'),
      { ...create(observation('Patient/7')), fullUrl: 'http://example.org/fhir/Observation/8' },
      create(observation('http://example.org/fhir/Patient/7/_history/3')),
      create(observation('Patient/7')),
    );
    const { id } = answers[0]!.resource!;
    const subjects = answers
      .slice(1)
      .map(({ resource }) => (resource!.subject as { reference: string }).reference);
    expect(subjects).toEqual([`Patient/${id}`, `Patient/${id}/_history/1`, 'Patient/7']);
  });

  test('of canonicals keep the business version', async () => {
    const questionnaire = { resourceType: 'Questionnaire', status: 'active', version: '2' } as Body;
    const response = (canonical: string) =>
      create({
        resourceType: 'QuestionnaireResponse',
        status: 'completed',
        questionnaire: canonical,
      } as Body);
    const answers = await run(
      create(questionnaire, 'urn:uuid:questions'),
      response('urn:uuid:questions'),
      response('urn:uuid:questions|2'),
      response('urn:uuid:questions|2#part'),
    );
    const own = `Questionnaire/${answers[0]!.resource!.id}`;
    const canonicals = answers.slice(1).map(({ resource }) => resource!.questionnaire);
    expect(canonicals).toEqual([own, `${own}|2`, `${own}|2#part`]);
  });

  test('to versions that there are on this server stay', async () => {
    const address = `${base()}/Patient/j-2`;
    await run(put('Patient/j-2', patient('j-2', { id: 'j-2' })));
    const answers = await run(
      { ...put('Patient/j-2', patient('j-2', { id: 'j-2', active: true })), fullUrl: address },
      create(observation(`${address}/_history/1`)),
      { ...create(observation('Patient/j-2/_history/1')), fullUrl: `${base()}/Observation/new` },
      create(observation(address)),
    );
    const subjects = answers
      .slice(1)
      .map(({ resource }) => (resource!.subject as { reference: string }).reference);
    expect(subjects).toEqual([`${address}/_history/1`, 'Patient/j-2/_history/1', 'Patient/j-2']);
  });

  test('mean an entry by its UUID in any case', async () => {
    const id = 'b5f1d0c2-8f0e-4d7c-9a3b-0a1b2c3d4e5f';
    const urn = (text: string) => `urn:uuid:${text}`;
    const answers = await run(
      create(patient('j-3'), urn(id.toUpperCase())),
      create(observation(urn(id))),
      create(observation(`URN:UUID:${id.toUpperCase()}`)),
      put(`Observation?subject=${urn(id)}&status=final&code:text=none`, observation(urn(id))),
    );
    const subjects = answers
      .slice(1)
      .map(({ resource }) => (resource!.subject as { reference: string }).reference);
    expect(new Set(subjects)).toEqual(new Set([`Patient/${answers[0]!.resource!.id}`]));
    await send([create(patient('j-4'), urn(id)), create(patient('j-5'), urn(id.toUpperCase()))]).expect(400);
  });

  test('URLs that name something by themselves stay', async () => {
    const url = 'http://example.org/ValueSet/v';
    const [written] = await run(create({ resourceType: 'ValueSet', status: 'draft', url } as Body, url));
    expect(written!.resource!.url).toBe(url);
  });

  test('the decimals beside them keep their digits', async () => {
    const text = JSON.stringify({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        create(patient('k-1')),
        create(observation('Patient?identifier=k-1', { valueQuantity: { value: 1 } })),
      ],
    }).replace('"value":1}', '"value":1.00}');
    const answer = await api()
      .post('/')
      .set('Content-Type', FHIR)
      .set('Prefer', 'return=representation')
      .send(text)
      .expect(200);
    expect(answer.text).toContain('"value":1.00');
  });
});
