import { describe, expect, test } from '@jest/globals';
import { FHIR } from '../rest/support.ts';
import {
  CS,
  VS,
  codes,
  fruit,
  parameters,
  texts,
  value,
  valueSet,
  fruitWorld,
  type Answer,
  type Json,
} from './fruitWorld.ts';

describe('terminology through HTTP', () => {
  const { api, post, get } = fruitWorld();

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
    expect(refused.body.issue[0]!.details.coding[0]!.code).toBe('version-error');
  });

  test("R5's operators, as they are or as an extension", async () => {
    const url = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.compose.include.filter.op';
    const ask = async (filter: Json) => {
      const resource = valueSet('later', {
        include: [{ system: CS, filter: [{ property: 'concept', value: 'apple', ...filter }] }],
      });
      return codes((await post('/ValueSet/$expand', parameters({ name: 'valueSet', resource }))).body);
    };
    expect(await ask({ op: 'child-of' })).toEqual(['boskoop']);
    expect(await ask({ op: '=', extension: [{ url, valueCode: 'descendent-leaf' }] })).toEqual(['boskoop']);
  });

  test('designations by language and by use', async () => {
    const texts = async (token: string) => {
      const answer = await get(`/ValueSet/all/$expand?excludeNested=true&designation=${token}`);
      const all = (answer.expansion.contains ?? []) as { designation?: { value: string }[] }[];
      return all.flatMap(({ designation = [] }) => designation.map((one) => one.value));
    };
    for (const token of ['de', 'urn:ietf:bcp:47|de', 'DE']) expect(await texts(token)).toContain('Apfel');
    for (const token of ['nl', 'http://other|de']) expect(await texts(token)).toEqual([]);
  });

  test('another time, or a context, is not answered as if nothing had been said', async () => {
    const at = async (path: string) => (await api().get(path)).status;
    const url = `/ValueSet/$expand?url=${VS}/all`;
    expect(await at(`${url}&date=2020-01-01`)).toBe(422);
    expect(await at(`/CodeSystem/$lookup?system=${CS}&code=apple&date=2020`)).toBe(422);
    expect(await at(`${url}&date=nonsense`)).toBe(400);
    expect(await at(`${url}&date=2200-01-01`)).toBe(200);
    expect(await at(`${url}&context=http://example.org/StructureDefinition/x%23Patient.gender`)).toBe(422);
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
    expect(round.body.issue[0]!.code).toBe('processing');
    const lost = await post('/ValueSet/$expand', parameters({ name: 'url', valueUri: `${VS}/lost` }));
    expect([lost.status, lost.body.issue[0]!.code]).toEqual([404, 'not-found']);
    const asked = await get(`/ValueSet/lost/$validate-code?system=${CS}&code=apple`);
    expect(value(asked, 'result')).toBe(false);
    expect(texts(asked)[1]).toMatch('Unable to check');
  });

  test('a regular expression cannot keep the server busy', async () => {
    const slow = await post('/ValueSet/$expand', parameters({ name: 'url', valueUri: `${VS}/slow` }));
    expect(slow.status).toBe(200);
    expect(codes(slow.body)).toEqual([]);
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
    expect(second.body.group![0]!.element).toEqual([
      { code: 'boskoop', target: [{ code: 'apple', equivalence: 'subsumes' }] },
    ]);
    expect(second.body.version).toBe('2');
    const repeated = await post('/$closure', parameters(name, concept('boskoop')));
    expect([repeated.body.version, repeated.body.group]).toEqual(['2', undefined]);
    const nameless = { name: 'concept', valueCoding: { system: CS } };
    expect((await post('/$closure', parameters(name, nameless))).status).toBe(400);
    const again = await post('/$closure', parameters(name, { name: 'version', valueString: '0' }));
    expect(again.body.group).toEqual(second.body.group);
  });

  test('$translate forwards, backwards and where there is no mapping', async () => {
    const concepts = (answer: Answer) =>
      answer.parameter
        .filter(({ name }) => name === 'match')
        .map(({ part = [] }) =>
          part.map((one) => one.valueCode ?? (one.valueCoding as Json | undefined)?.code ?? one.valueUri),
        );
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
    expect(value(JSON.parse(german.text) as Answer, 'display')).toBe('Apfel');
    const asked = async (property: string) =>
      (await get(`/CodeSystem/$lookup?system=${CS}&code=apple&property=${property}`)).parameter.flatMap(
        ({ name, part = [] }) => (name === 'designation' ? part.map((one) => one.valueString) : []),
      );
    expect(await asked('lang.de')).toContain('Apfel');
    expect(await asked('lang.de')).not.toContain('Apple');
    expect(await asked('lang.nl')).toEqual([]);
    const unit = await get('/CodeSystem/$lookup?system=http://unitsofmeasure.org&code=mm[Hg]');
    expect(value(unit, 'display')).toBe('millimeter of mercury');
  });

  test('supplements, of a grammar as well, and only of the version that they are about', async () => {
    const german = (supplements: string, code: string, value: string) => ({
      resourceType: 'CodeSystem',
      url: 'http://example.org/CodeSystem/german',
      status: 'active',
      content: 'supplement',
      supplements,
      language: 'de',
      concept: [{ code, designation: [{ language: 'de', value }] }],
    });
    const display = async (supplement: ReturnType<typeof german>, code: string) => {
      const body = parameters(
        { name: 'tx-resource', resource: supplement },
        { name: 'useSupplement', valueCanonical: supplement.url },
        { name: 'displayLanguage', valueCode: 'de' },
        { name: 'coding', valueCoding: { system: supplement.supplements.split('|')[0], code } },
      );
      return value((await post('/CodeSystem/$lookup', body)).body, 'display');
    };
    expect(await display(german('http://unitsofmeasure.org', 'm', 'Meter'), 'm')).toBe('Meter');
    expect(await display(german(CS, 'pear', 'Birne'), 'pear')).toBe('Birne');
    expect(await display(german(`${CS}|2.0`, 'pear', 'Birne'), 'pear')).toBe('Birne');
    expect(await display(german(`${CS}|1.0`, 'pear', 'Birne'), 'pear')).toBe('Pear');
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
    expect((JSON.parse(units.text) as Answer).issue[0]!.code).toBe('too-costly');
    const many = await api().get('/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/c80-doc-typecodes');
    expect((JSON.parse(many.text) as Answer).issue[0]!.code).toBe('too-costly');
    const page = await get(
      '/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/c80-doc-typecodes&count=5&offset=10',
    );
    expect(codes(page)).toHaveLength(5);
  });

  test('parameters that nobody knows leave no trace', async () => {
    const answer = await get(`/ValueSet/$expand?url=${VS}/all&constructor=1&__proto__=2&count=3`);
    const { parameter } = answer.expansion as unknown as { parameter: { name: string }[] };
    expect(parameter.map(({ name }) => name)).toEqual(['count', 'used-codesystem']);
  });

  test('wrong questions are told what is missing', async () => {
    for (const url of [
      '/ValueSet/$expand',
      `/ValueSet/$expand?url=${VS}/all&count=-1`,
      `/ValueSet/$validate-code?url=${VS}/all`,
      '/CodeSystem/$lookup?code=x',
      '/CodeSystem/$subsumes?codeA=a&codeB=b',
      '/ConceptMap/$translate',
      '/CodeSystem/$lookup?system=http://loinc.org&code=a%00b',
    ]) {
      const response = await api().get(url);
      expect([url, response.status]).toEqual([url, 400]);
    }
  });
});
