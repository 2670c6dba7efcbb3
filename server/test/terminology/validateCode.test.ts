import { describe, expect, test } from '@jest/globals';
import { CS, VS, fruit, fruitWorld, parameters, texts, value, valueSet, type Json } from './fruitWorld.ts';

describe('validation of codes through HTTP', () => {
  const { api, post, get } = fruitWorld();

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

  test('languages and units are called in more than one way', async () => {
    const ask = async (system: string, code: string, display: string) => {
      const query = new URLSearchParams({ url: system, code, display });
      return get(`/CodeSystem/$validate-code?${query.toString()}`);
    };
    const [languages, ucum] = ['urn:ietf:bcp:47', 'http://unitsofmeasure.org'];
    for (const display of ['English (United States)', 'American English'])
      expect(value(await ask(languages, 'en-US', display), 'result')).toBe(true);
    expect(value(await ask(languages, 'zh-HK', 'Chinese (Hong Kong)'), 'result')).toBe(true);
    expect(value(await ask(languages, 'en-US', 'English (United Kingdom)'), 'result')).toBe(false);
    for (const code of ['%', 'mg', 'm4']) expect(value(await ask(ucum, code, code), 'result')).toBe(true);
    expect(value(await ask(ucum, 'mg', 'milligram'), 'result')).toBe(true);
    expect(value(await ask(ucum, 'mg', 'kilogram'), 'result')).toBe(false);
    const named = async (code: string) => value(await ask(ucum, code, code), 'display');
    expect([await named('%'), await named('1'), await named('m4')]).toEqual(['%', '1', 'meter^4']);
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

  test('many questions in one call', async () => {
    const ask = (code: string) => ({
      name: 'validation',
      resource: parameters(
        { name: 'url', valueUri: `${VS}/all` },
        { name: 'coding', valueCoding: { system: CS, code } },
      ),
    });
    const { body } = await post('/ValueSet/$batch-validate-code', parameters(ask('apple'), ask('cherry')));
    expect(body.parameter.map(({ resource }) => value(resource!, 'result'))).toEqual([true, false]);
  });

  test('in a batch each question has its own faults, and its own value set before the shared one', async () => {
    const ask = (...more: Json[]) => ({ name: 'validation', resource: parameters(...more) });
    const url = (name: string) => ({ name: 'url', valueUri: `${VS}/${name}` });
    const apple = { name: 'coding', valueCoding: { system: CS, code: 'apple' } };
    const lenient = { name: 'lenient-display-validation', valueBoolean: true };
    const asked = parameters(url('all'), ask(apple), ask(apple, url('no-apples')), ask(lenient));
    const { status, body } = await post('/ValueSet/$batch-validate-code', asked);
    expect(status).toBe(200);
    const [shared, own, empty] = body.parameter.map(({ resource }) => resource!);
    expect([value(shared!, 'result'), value(own!, 'result')]).toEqual([true, false]);
    expect(empty!.issue[0]!.code).toBe('required');
  });

  test('a supplement is no code system, and a version that a value set asks for must be known', async () => {
    const supplement = {
      ...fruit('1.0'),
      id: 'more',
      url: `${CS}-more`,
      content: 'supplement',
      supplements: CS,
    };
    const wrong = valueSet('wrong', { include: [{ system: CS, version: '8' }] });
    const coding = { name: 'coding', valueCoding: { system: supplement.url, code: 'apple' } };
    const sent = { name: 'tx-resource', resource: supplement };
    const { body } = await post('/CodeSystem/$validate-code', parameters(coding, sent));
    expect(texts(body)).toEqual([
      `error: CodeSystem ${supplement.url} is a supplement, so can't be used as a value in Coding.system`,
    ]);
    const asked = parameters(
      { name: 'valueSet', resource: wrong },
      { name: 'coding', valueCoding: { system: CS, code: 'apple' } },
    );
    const undecided = await post('/ValueSet/$validate-code', asked);
    expect(value(undecided.body, 'result')).toBe(false);
    expect(texts(undecided.body)[0]).toBe(
      `error: A definition for CodeSystem '${CS}' version '8' could not be found, so the code cannot be validated. Valid versions: 1.0 or 2.0`,
    );
    expect(value(undecided.body, 'x-caused-by-unknown-system')).toBe(`${CS}|8`);
    expect((await post('/ValueSet/$expand', asked)).status).toBe(422);
  });

  test('what a supplement says is used when it is asked for', async () => {
    const supplement = {
      ...fruit('1.0'),
      id: 'dutch',
      url: `${CS}-dutch`,
      content: 'supplement',
      supplements: CS,
      concept: [{ code: 'apple', designation: [{ language: 'nl', value: 'appel' }] }],
    };
    const ask = (...more: Json[]) =>
      post(
        '/ValueSet/all/$validate-code',
        parameters(
          { name: 'coding', valueCoding: { system: CS, code: 'apple', display: 'appel' } },
          { name: 'tx-resource', resource: supplement },
          ...more,
        ),
      );
    expect(value((await ask()).body, 'result')).toBe(false);
    const used = await ask({ name: 'useSupplement', valueCanonical: supplement.url });
    expect(value(used.body, 'result')).toBe(true);
    const missing = await ask({ name: 'useSupplement', valueCanonical: 'http://nobody/has' });
    expect([missing.status, missing.body.issue[0]!.details.text]).toEqual([
      422,
      'Required supplement not found: http://nobody/has',
    ]);
  });
});
