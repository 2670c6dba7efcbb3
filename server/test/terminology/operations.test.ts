import { beforeAll, describe, expect, test } from '@jest/globals';
import { FHIR, serverForFile } from '../rest/support.ts';

type Json = Record<string, any>;

const CS = 'http://example.org/CodeSystem/fruit';
const VS = 'http://example.org/ValueSet';
const fruit = (version: string, more: Json[] = []) => ({
  resourceType: 'CodeSystem',
  id: `fruit-${version.replace('.', '-')}`,
  url: CS,
  version,
  name: 'Fruit',
  status: 'active',
  language: 'en',
  caseSensitive: true,
  content: 'complete',
  property: [
    { code: 'colour', type: 'code' },
    { code: 'status', type: 'code', uri: 'http://hl7.org/fhir/concept-properties#status' },
  ],
  concept: [
    {
      code: 'apple',
      display: 'Apple',
      designation: [{ language: 'de', value: 'Apfel' }],
      property: [{ code: 'colour', valueCode: 'red' }],
      concept: [
        { code: 'boskoop', display: 'Boskoop apple', property: [{ code: 'colour', valueCode: 'brown' }] },
      ],
    },
    { code: 'plum', display: 'Plum', property: [{ code: 'status', valueCode: 'retired' }] },
    ...more,
  ],
});
const valueSet = (id: string, compose: Json) => ({
  resourceType: 'ValueSet',
  id,
  url: `${VS}/${id}`,
  version: '1',
  status: 'active',
  compose,
});
const parameters = (...parameter: Json[]) => ({ resourceType: 'Parameters', parameter });

describe('terminology through HTTP', () => {
  const { api } = serverForFile();
  const post = async (url: string, body: Json): Promise<{ status: number; body: Json }> => {
    const { status, text } = await api().post(url).type(FHIR).send(JSON.stringify(body));
    return { status, body: JSON.parse(text) as Json };
  };
  const get = async (url: string): Promise<Json> => JSON.parse((await api().get(url)).text) as Json;
  const value = (answer: Json, name: string): unknown => {
    const found = (answer.parameter as Json[]).find((one) => one.name === name);
    return found && Object.entries(found).find(([key]) => key.startsWith('value'))?.[1];
  };
  const codes = (answer: Json) =>
    ((answer.expansion?.contains ?? []) as Json[]).map(({ code }) => code as string);
  const texts = (answer: Json) => {
    const issues = (answer.parameter as Json[]).find(({ name }) => name === 'issues')?.resource.issue ?? [];
    return (issues as Json[]).map(({ severity, details }) => `${severity}: ${details.text}`);
  };

  beforeAll(async () => {
    const all: Json[] = [
      fruit('1.0'),
      fruit('2.0', [{ code: 'pear', display: 'Pear' }]),
      valueSet('all', { include: [{ system: CS }] }),
      valueSet('first', { include: [{ system: CS, version: '1.0' }] }),
      valueSet('no-apples', {
        include: [{ system: CS }],
        exclude: [{ system: CS, filter: [{ property: 'concept', op: 'is-a', value: 'apple' }] }],
      }),
      valueSet('both', { include: [{ valueSet: [`${VS}/all`, `${VS}/no-apples`] }] }),
      valueSet('round', { include: [{ valueSet: [`${VS}/trip`] }] }),
      valueSet('trip', { include: [{ valueSet: [`${VS}/round`] }] }),
      valueSet('lost', { include: [{ valueSet: ['http://nobody/has'] }] }),
      valueSet('slow', {
        include: [{ system: CS, filter: [{ property: 'code', op: 'regex', value: '((a+)+)+$' }] }],
      }),
      {
        resourceType: 'ConceptMap',
        id: 'map',
        url: 'http://example.org/ConceptMap/map',
        status: 'active',
        group: [
          {
            source: CS,
            target: 'http://example.org/CodeSystem/pips',
            element: [{ code: 'apple', target: [{ code: 'pome', equivalence: 'wider' }] }],
            unmapped: { mode: 'fixed', code: 'other' },
          },
        ],
      },
    ];
    for (const one of all) {
      const response = await api().put(`/${one.resourceType}/${one.id}`).type(FHIR).send(JSON.stringify(one));
      if (response.status !== 201) throw new Error(`${one.id}: ${response.text}`);
    }
  });

  test('the latest version of a code system counts, unless another is asked for', async () => {
    expect(codes(await get(`/ValueSet/$expand?url=${VS}/all`))).toContain('pear');
    expect(codes(await get(`/ValueSet/$expand?url=${VS}/all&system-version=${CS}|1.0`))).not.toContain(
      'pear',
    );
    expect(codes(await get(`/ValueSet/first/$expand`))).not.toContain('pear');
    expect(codes(await get(`/ValueSet/first/$expand?force-system-version=${CS}|2.0`))).toContain('pear');
    const refused = await post(
      '/ValueSet/$expand',
      parameters(
        { name: 'url', valueUri: `${VS}/first` },
        { name: 'check-system-version', valueUri: `${CS}|2.0` },
      ),
    );
    expect(refused.status).toBe(422);
    expect(refused.body.issue[0].details.coding[0].code).toBe('version-error');
  });

  test('excludes, intersections and filters', async () => {
    expect(codes(await get(`/ValueSet/no-apples/$expand`))).toEqual(['plum', 'pear']);
    expect(codes(await get(`/ValueSet/both/$expand`))).toEqual(['plum', 'pear']);
    expect(codes(await get(`/ValueSet/all/$expand?filter=bosk&excludeNested=true`))).toEqual(['boskoop']);
    expect(codes(await get(`/ValueSet/all/$expand?filter=apf`))).toEqual(['apple']);
    expect(codes(await get(`/ValueSet/all/$expand?activeOnly=true&count=2&offset=1`))).toEqual([
      'boskoop',
      'pear',
    ]);
  });

  test('value sets that bring each other along, or what is not there', async () => {
    const round = await post('/ValueSet/$expand', parameters({ name: 'url', valueUri: `${VS}/round` }));
    expect(round.status).toBe(422);
    expect(round.body.issue[0].code).toBe('processing');
    const lost = await post('/ValueSet/$expand', parameters({ name: 'url', valueUri: `${VS}/lost` }));
    expect([lost.status, lost.body.issue[0].code]).toEqual([404, 'not-found']);
    const asked = await get(`/ValueSet/lost/$validate-code?system=${CS}&code=apple`);
    expect(value(asked, 'result')).toBe(false);
    expect(texts(asked)[1]).toMatch('Unable to check');
  });

  test('a regular expression cannot keep the server busy', async () => {
    const slow = await post('/ValueSet/$expand', parameters({ name: 'url', valueUri: `${VS}/slow` }));
    expect(slow.status).toBe(200);
    expect(codes(slow.body)).toEqual([]);
  });

  test('codes, codings and concepts', async () => {
    const good = await get(`/ValueSet/all/$validate-code?system=${CS}&code=apple&display=APPLE`);
    expect(value(good, 'result')).toBe(true);
    expect(value(good, 'version')).toBe('2.0');
    const bad = await get(`/ValueSet/all/$validate-code?system=${CS}&code=cherry`);
    expect(value(bad, 'result')).toBe(false);
    expect(texts(bad)).toEqual([
      `error: The provided code '${CS}#cherry' was not found in the value set '${VS}/all|1'`,
      `error: Unknown code 'cherry' in the CodeSystem '${CS}' version '2.0'`,
    ]);
    const concept = {
      coding: [
        { system: 'http://other', code: 'x' },
        { system: CS, code: 'apple' },
      ],
    };
    const both = await post(
      '/ValueSet/all/$validate-code',
      parameters({
        name: 'codeableConcept',
        valueCodeableConcept: concept,
      }),
    );
    expect(value(both.body, 'codeableConcept')).toEqual(concept);
    expect(value(both.body, 'code')).toBe('apple');
    const implied = await get(`/ValueSet/all/$validate-code?code=apple`);
    expect([value(implied, 'result'), value(implied, 'system')]).toEqual([true, CS]);
  });

  test('versions of codings must be those of the value set', async () => {
    const other = await get(`/ValueSet/first/$validate-code?system=${CS}&code=apple&systemVersion=2.0`);
    expect(value(other, 'result')).toBe(false);
    expect(texts(other)[0]).toMatch(
      `The code system '${CS}' version '1.0' in the ValueSet include is different`,
    );
    const none = await get(`/CodeSystem/$validate-code?url=${CS}&code=apple&version=9`);
    expect(value(none, 'x-caused-by-unknown-system')).toBe(`${CS}|9`);
    expect(texts(none)[0]).toMatch('Valid versions: 1.0 or 2.0');
  });

  test('displays and languages', async () => {
    const url = `/CodeSystem/$validate-code?url=${CS}&code=apple&display=`;
    expect(value(await get(`${url}Apfel&displayLanguage=de`), 'result')).toBe(true);
    const wrong = await get(`${url}Apple&displayLanguage=de`);
    expect(texts(wrong)[0]).toMatch("Valid display is 'Apfel' (de) (for the language(s) 'de')");
    expect(value(await get(`${url}Birne&lenient-display-validation=true`), 'result')).toBe(true);
    expect(texts(await get(`${url}Apple&displayLanguage=nl`))[0]).toMatch('information');
    const refused = await api().get(`${url}Apple&displayLanguage=no%20language`);
    expect(refused.status).toBe(400);
  });

  test('what is not active is told', async () => {
    const plum = await get(`/ValueSet/all/$validate-code?system=${CS}&code=plum`);
    expect([value(plum, 'result'), value(plum, 'inactive'), value(plum, 'status')]).toEqual([
      true,
      true,
      'retired',
    ]);
    const strict = await get(`/ValueSet/all/$validate-code?system=${CS}&code=plum&activeOnly=true`);
    expect(value(strict, 'result')).toBe(false);
    expect(texts(strict)[0]).toBe("error: The code 'plum' is valid but is not active");
  });

  test('$subsumes and $closure', async () => {
    const outcome = async (a: string, b: string) =>
      value(await get(`/CodeSystem/$subsumes?system=${CS}&codeA=${a}&codeB=${b}`), 'outcome');
    expect(await outcome('apple', 'boskoop')).toBe('subsumes');
    expect(await outcome('boskoop', 'apple')).toBe('subsumed-by');
    expect(await outcome('plum', 'plum')).toBe('equivalent');
    expect(await outcome('plum', 'pear')).toBe('not-subsumed');
    expect((await api().get(`/CodeSystem/$subsumes?system=${CS}&codeA=x&codeB=plum`)).status).toBe(404);
    const concept = (code: string) => ({ name: 'concept', valueCoding: { system: CS, code } });
    const name = { name: 'name', valueString: 'mine' };
    expect((await post('/$closure', parameters(name, concept('apple')))).status).toBe(404);
    await post('/$closure', parameters(name));
    const first = await post('/$closure', parameters(name, concept('apple'), concept('plum')));
    expect(first.body.group).toBeUndefined();
    const second = await post('/$closure', parameters(name, concept('boskoop')));
    expect(second.body.group[0].element).toEqual([
      { code: 'boskoop', target: [{ code: 'apple', equivalence: 'subsumes' }] },
    ]);
    expect(second.body.version).toBe('2');
    const again = await post('/$closure', parameters(name, { name: 'version', valueString: '0' }));
    expect(again.body.group).toEqual(second.body.group);
  });

  test('$translate forwards, backwards and where there is no mapping', async () => {
    const concepts = (answer: Json) =>
      (answer.parameter as Json[])
        .filter(({ name }) => name === 'match')
        .map(({ part }) => part.map((one: Json) => one.valueCode ?? one.valueCoding?.code ?? one.valueUri));
    const url = 'http://example.org/ConceptMap/map';
    expect(concepts(await get(`/ConceptMap/$translate?url=${url}&system=${CS}&code=apple`))).toEqual([
      ['wider', 'pome', url],
    ]);
    expect(concepts(await get(`/ConceptMap/$translate?system=${CS}&code=apple`))).toHaveLength(1);
    const pips = 'http://example.org/CodeSystem/pips';
    const back = await get(`/ConceptMap/$translate?url=${url}&system=${pips}&code=pome&reverse=true`);
    expect(concepts(back)).toEqual([['narrower', 'apple', url]]);
    expect(concepts(await get(`/ConceptMap/map/$translate?system=${CS}&code=fig`))[0]).toContain('other');
    const none = await get(`/ConceptMap/$translate?system=http://other&code=apple`);
    expect(value(none, 'result')).toBe(false);
  });

  test('$lookup tells of a concept', async () => {
    const apple = await get(`/CodeSystem/$lookup?system=${CS}&code=apple`);
    expect([value(apple, 'display'), value(apple, 'version')]).toEqual(['Apple', '2.0']);
    expect((await api().get(`/CodeSystem/$lookup?system=${CS}&code=fig`)).status).toBe(404);
    const german = await api()
      .get(`/CodeSystem/$lookup?system=${CS}&code=apple`)
      .set('Accept-Language', 'de');
    expect(value(JSON.parse(german.text) as Json, 'display')).toBe('Apfel');
    const unit = await get('/CodeSystem/$lookup?system=http://unitsofmeasure.org&code=mm[Hg]');
    expect(value(unit, 'display')).toBe('millimeter of mercury');
  });

  test('resources that only the request knows', async () => {
    const system = { ...fruit('7.0'), url: 'http://example.org/CodeSystem/sent', id: 'sent' };
    const sent = valueSet('sent', { include: [{ system: system.url }] });
    const body = parameters(
      { name: 'url', valueUri: sent.url },
      { name: 'tx-resource', resource: system },
      { name: 'tx-resource', resource: sent },
    );
    const { body: answer } = await post('/ValueSet/$expand', body);
    expect(answer.expansion.total).toBe(3);
    expect((await post('/ValueSet/$expand', parameters({ name: 'url', valueUri: sent.url }))).status).toBe(
      404,
    );
  });

  test('a change is known to the next question', async () => {
    const list = (...list: string[]) =>
      valueSet('changing', { include: [{ system: CS, concept: list.map((code) => ({ code })) }] });
    const put = (resource: Json) => api().put('/ValueSet/changing').type(FHIR).send(JSON.stringify(resource));
    await put(list('apple'));
    expect(codes(await get('/ValueSet/changing/$expand'))).toEqual(['apple']);
    await put(list('apple', 'plum'));
    expect(codes(await get(`/ValueSet/$expand?url=${VS}/changing`))).toEqual(['apple', 'plum']);
    await api().delete('/ValueSet/changing');
    expect((await api().get(`/ValueSet/$expand?url=${VS}/changing`)).status).toBe(404);
  });

  test("FHIR's own terminology, and what cannot be listed", async () => {
    const gender = await get('/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender');
    expect(codes(gender)).toEqual(['male', 'female', 'other', 'unknown']);
    const units = await api().get('/ValueSet/$expand?url=http://unitsofmeasure.org/vs');
    expect(units.status).toBe(422);
    expect((JSON.parse(units.text) as Json).issue[0].code).toBe('too-costly');
    const many = await api().get('/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/c80-doc-typecodes');
    expect((JSON.parse(many.text) as Json).issue[0].code).toBe('too-costly');
    const page = await get(
      '/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/c80-doc-typecodes&count=5&offset=10',
    );
    expect(codes(page)).toHaveLength(5);
  });

  test('many questions in one call', async () => {
    const ask = (code: string) => ({
      name: 'validation',
      resource: parameters(
        { name: 'url', valueUri: `${VS}/all` },
        { name: 'coding', valueCoding: { system: CS, code } },
      ),
    });
    const { body } = await post('/ValueSet/$batch-validate-code', parameters(ask('apple'), ask('cherry')));
    expect((body.parameter as Json[]).map(({ resource }) => value(resource as Json, 'result'))).toEqual([
      true,
      false,
    ]);
  });

  test('wrong questions are told what is missing', async () => {
    for (const url of [
      '/ValueSet/$expand',
      `/ValueSet/$expand?url=${VS}/all&count=-1`,
      `/ValueSet/$validate-code?url=${VS}/all`,
      '/CodeSystem/$lookup?code=x',
      '/CodeSystem/$subsumes?codeA=a&codeB=b',
      '/ConceptMap/$translate',
    ]) {
      const response = await api().get(url);
      expect([url, response.status]).toEqual([url, 400]);
    }
  });
});
