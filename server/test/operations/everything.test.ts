import { beforeAll, describe, expect, test } from '@jest/globals';
import { operationServer, references, to } from './support.ts';

const { api, base, put, bundle, refusal, post } = operationServer();
const matches = async (path: string) => references(await bundle(path), 'match');
const included = async (path: string) => references(await bundle(path), 'include');

beforeAll(async () => {
  await put('Organization/clinic');
  await put('Organization/parent');
  await put('Practitioner/eve');
  await put('Practitioner/stranger');
  await put('Location/room');
  await put('Binary/scan', { contentType: 'image/png', data: 'AAAA' });
  await put('Questionnaire/form', { status: 'active', url: 'http://example.org/form' });
  await put('Patient/ann', {
    birthDate: '1950-01-01',
    managingOrganization: to('Organization/clinic'),
    generalPractitioner: [to(`${base()}/Practitioner/eve`)],
  });
  await put('Patient/bob');
  await put('Encounter/visit', {
    status: 'finished',
    class: { code: 'AMB' },
    subject: to('Patient/ann'),
    period: { start: '2024-03-01', end: '2024-03-05' },
    location: [{ location: to('Location/room') }],
  });
  await put('Observation/pulse', {
    status: 'final',
    code: { text: 'pulse' },
    subject: to('Patient/ann'),
    encounter: to('Encounter/visit'),
    effectiveDateTime: '2024-03-02',
    device: to('Device/meter'),
    focus: [to('Patient/bob')],
  });
  await put('Device/meter', { owner: to('Organization/parent') });
  await put('Observation/of-bob', { status: 'final', code: { text: 'x' }, subject: to('Patient/bob') });
  await put('Observation/by-ann', {
    status: 'final',
    code: { text: 'y' },
    subject: to('Patient/bob'),
    performer: [to('Patient/ann')],
    derivedFrom: [to('Observation/of-bob')],
  });
  await put('DocumentReference/letter', {
    status: 'current',
    subject: to('Patient/ann'),
    date: '2020-01-01T00:00:00Z',
    content: [{ attachment: { url: 'Binary/scan' } }],
  });
  await put('QuestionnaireResponse/answers', {
    status: 'completed',
    questionnaire: 'http://example.org/form',
    subject: to('Patient/ann'),
  });
  await put('Basic/gone', { code: { text: 'z' }, subject: to('Patient/ann') });
  await api().delete('/Basic/gone').expect(204);
});

describe('Patient/[id]/$everything', () => {
  test('the patient, then the compartment by type and age', async () => {
    expect(await matches('/Patient/ann/$everything')).toEqual([
      'Patient/ann',
      'DocumentReference/letter',
      'Encounter/visit',
      'Observation/pulse',
      'Observation/by-ann',
      'QuestionnaireResponse/answers',
    ]);
  });

  test('what they refer to, one hop far, attachments and canonicals too, nothing of other patients', async () => {
    expect(await included('/Patient/ann/$everything')).toEqual([
      'Questionnaire/form',
      'Binary/scan',
      'Device/meter',
      'Location/room',
      'Organization/clinic',
      'Practitioner/eve',
    ]);
  });

  test('by POST, as a searchset with its URL', async () => {
    const { body } = await post('/Patient/ann/$everything', [
      { name: '_type', valueCode: 'Encounter' },
    ]).expect(200);
    expect(references(body, 'match')).toEqual(['Encounter/visit']);
    expect(body.link[0]).toEqual({
      relation: 'self',
      url: `${base()}/Patient/ann/$everything?_type=Encounter`,
    });
    expect(body.entry[0].fullUrl).toBe(`${base()}/Encounter/visit`);
  });

  test.each([
    ['_type=Observation', ['Observation/pulse', 'Observation/by-ann'], []],
    ['_type=Observation,Patient', ['Patient/ann', 'Observation/pulse', 'Observation/by-ann'], []],
    ['_type=Encounter&_type=Observation', ['Encounter/visit', 'Observation/pulse', 'Observation/by-ann'], []],
    ['_type=Practitioner', [], ['Practitioner/eve']],
    ['_type=Location,Encounter', ['Encounter/visit'], ['Location/room']],
    ['_type=Medication', [], []],
  ])('%s', async (query, expectedMatches, expectedIncluded) => {
    const found = await bundle(`/Patient/ann/$everything?${query}`);
    expect(references(found, 'match')).toEqual(expectedMatches);
    expect(references(found, 'include')).toEqual(expectedIncluded);
  });

  test.each([
    ['start=2024-03-05', ['Encounter/visit']],
    ['start=2024-03-06', []],
    ['end=2024-03-01', ['DocumentReference/letter', 'Encounter/visit']],
    ['end=2024-02-29', ['DocumentReference/letter']],
    ['start=2024-03-02&end=2024-03-02', ['Encounter/visit', 'Observation/pulse']],
    ['start=2024&end=2024', ['Encounter/visit', 'Observation/pulse']],
  ])('%s: what has a care date must be in the period, the rest stays', async (query, dated) => {
    const undated = ['Patient/ann', 'Observation/by-ann', 'QuestionnaireResponse/answers'];
    const found = await matches(`/Patient/ann/$everything?${query}`);
    expect([...found].sort()).toEqual([...undated, ...dated].sort());
  });

  test('what a match refers to is there although its own date lies outside', async () => {
    const query = '_type=Observation,Encounter&start=2030';
    await put('Observation/late', {
      status: 'final',
      code: { text: 'late' },
      subject: to('Patient/ann'),
      encounter: to('Encounter/visit'),
      effectiveDateTime: '2031-01-01',
    });
    const found = await bundle(`/Patient/ann/$everything?${query}`);
    expect(references(found, 'match')).toEqual(['Observation/by-ann', 'Observation/late']);
    expect(references(found, 'include')).toEqual(['Encounter/visit']);
    await api().delete('/Observation/late').expect(204);
  });
});

describe('the answer of $everything', () => {
  test('the record of a patient without anything is the patient', async () => {
    await put('Patient/alone');
    const found = await bundle('/Patient/alone/$everything');
    expect(found.entry!.map(({ resource }) => resource.id)).toEqual(['alone']);
    expect(found.link.map(({ relation }) => relation)).toEqual(['self']);
  });

  test('there is no such patient, or not any more', async () => {
    expect(await refusal('/Patient/nobody/$everything', 404)).toContain('nobody');
    await put('Patient/left');
    await api().delete('/Patient/left').expect(204);
    expect(await refusal('/Patient/left/$everything', 410)).toContain('deleted');
  });

  test.each([
    ['start=31.1.2024', 'start must be a date'],
    ['start=2024-02&end=2024-01', 'start must not be after end'],
    ['_since=yesterday', '_since must be a date or time'],
    [
      '_type=Observation,Nonsense',
      '_type takes names of resource types, separated by commas: name 2 is none.',
    ],
    ['_count=0', '_count must be a whole number from 1 up'],
    ['_count=x', '_count must be a whole number'],
    ['_count=1&_count=2', "'_count' may be given only once"],
    ['_offset=10', "$everything does not take '_offset'; it takes start, end, _since, _type, _count."],
    ['_page=forged', 'The page link is damaged'],
  ])('%s is refused', async (query, text) => {
    expect(await refusal(`/Patient/ann/$everything?${query}`, 400)).toContain(text);
  });

  test.each([
    ['start=31.1.2024', 'start'],
    ['start=2024-02&end=2024-01', 'start'],
    ['_type=Nonsense', '_type'],
    ['_count=0', '_count'],
    ['_count=1&_count=2', '_count'],
    ['_offset=10', '_offset'],
  ])('%s: the outcome says where', async (query, name) => {
    const { body } = await api().get(`/Patient/ann/$everything?${query}`).expect(400);
    expect(body.issue[0].expression).toEqual([`Parameters.parameter.where(name = '${name}')`]);
  });

  test('another resource type has no $everything', async () => {
    await refusal('/Observation/pulse/$everything', 404);
    await refusal('/$everything', 404);
    await refusal('/Encounter/$everything', 404);
  });
});

describe('Encounter/[id]/$everything', () => {
  test('the encounter, its compartment and what they refer to, the patient too', async () => {
    const found = await bundle('/Encounter/visit/$everything');
    expect(references(found, 'match')).toEqual(['Encounter/visit', 'Observation/pulse']);
    expect(references(found, 'include')).toEqual(['Device/meter', 'Location/room', 'Patient/ann']);
  });

  test('_type', async () => {
    const found = await bundle('/Encounter/visit/$everything?_type=Patient,Observation');
    expect(references(found, 'match')).toEqual(['Observation/pulse']);
    expect(references(found, 'include')).toEqual(['Patient/ann']);
  });

  test('of an encounter without a patient no patient comes along', async () => {
    await put('Encounter/nobodys', { status: 'planned', class: { code: 'AMB' } });
    await put('Basic/note', { code: { text: 'n' }, subject: to('Encounter/nobodys') });
    await put('Observation/there', {
      status: 'final',
      code: { text: 'there' },
      encounter: to('Encounter/nobodys'),
      performer: [to('Patient/bob'), to('Practitioner/eve')],
    });
    const found = await bundle('/Encounter/nobodys/$everything');
    expect(references(found, 'match')).toEqual(['Encounter/nobodys', 'Observation/there']);
    expect(references(found, 'include')).toEqual(['Practitioner/eve']);
  });

  test('start and end are not for encounters', async () => {
    const text = await refusal('/Encounter/visit/$everything?start=2024-01-01', 400);
    expect(text).toBe("$everything does not take 'start'; it takes _since, _type, _count.");
  });
});

test('the CapabilityStatement lists the operations where they are', async () => {
  const { body } = await api().get('/metadata').expect(200);
  const { resource, operation } = body.rest[0];
  const of = (type: string) =>
    (
      resource.find((one: { type: string }) => one.type === type).operation as {
        name: string;
        definition: string;
      }[]
    )
      .map(({ name, definition }) => `${name} ${definition.split('/').at(-1)}`)
      .sort();
  const labels = ['meta Resource-meta', 'meta-add Resource-meta-add', 'meta-delete Resource-meta-delete'];
  const everywhere = [...labels, 'reindex reindex'];
  const validate = 'validate Resource-validate';
  expect(of('Patient')).toEqual([
    'access-report access-report',
    'break-glass break-glass',
    'end-break-glass end-break-glass',
    'erase erase',
    'everything Patient-everything',
    ...everywhere,
    validate,
  ]);
  expect(of('Encounter')).toEqual(['everything Encounter-everything', ...everywhere, validate]);
  expect(of('Observation')).toEqual([
    'lastn Observation-lastn',
    ...everywhere,
    'stats Observation-stats',
    validate,
  ]);
  expect(of('Basic')).toEqual([...everywhere, validate]);
  const atSystem = operation.map(({ name }: { name: string }) => name);
  expect(atSystem).toEqual(expect.arrayContaining(['import', 'meta', 'reindex']));
  expect(atSystem).not.toContain('everything');
});
