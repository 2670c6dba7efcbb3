import { describe, expect, test } from '@jest/globals';
import { FHIR, serverForFile } from '../rest/support.ts';
import { codes, texts, value, type Answer } from './fruitWorld.ts';

const THO = 'http://terminology.hl7.org';
const ACT_CODE = `${THO}/CodeSystem/v3-ActCode`;

describe("HL7's terminology as it is published by itself", () => {
  const { api } = serverForFile();
  const get = async (path: string): Promise<Answer> => JSON.parse((await api().get(path)).text) as Answer;

  test('answers where R4 knows nothing', async () => {
    const system = `${THO}/CodeSystem/v2-0945`;
    const found = await get(`/CodeSystem/$lookup?system=${system}&code=D1`);
    expect(value(found, 'version')).toBe('3.0.0');
    // The value set names version 2.0.0 of its code system, which the package does not have.
    expect(codes(await get(`/ValueSet/$expand?url=${THO}/ValueSet/v2-0945`))).toContain('X5');
    const other = await get(`/CodeSystem/$validate-code?url=${system}&code=nothing`);
    expect(value(other, 'result')).toBe(false);
    expect(texts(other)[0]).toMatch("Unknown code 'nothing'");
  });

  test("leaves R4's own code systems and value sets as they are", async () => {
    const lookup = `/CodeSystem/$lookup?system=${ACT_CODE}`;
    expect(value(await get(`${lookup}&code=AMB`), 'version')).toBe('2018-08-12');
    // A code of later days is none of R4's, and can be asked for by the version.
    expect((await api().get(`${lookup}&code=Ambulance`)).status).toBe(404);
    expect(value(await get(`${lookup}&code=Ambulance&version=9.0.0`), 'version')).toBe('9.0.0');
    const table = `/ValueSet/$validate-code?url=${THO}/ValueSet/v2-0131&system=${THO}/CodeSystem/v2-0131&code=C`;
    expect(value(await get(table), 'version')).toBe('2.9');
    const later = await get(table.replace('v2-0131&', 'v2-0131|2.0.0&'));
    expect([value(later, 'result'), value(later, 'version')]).toEqual([true, '3.0.0']);
  });

  test('reads its value sets by its own code systems', async () => {
    // The code that the filter names is not in R4's edition of the code system.
    const found = await get(`/ValueSet/$expand?url=${THO}/ValueSet/v3-PrivacyMark`);
    expect(codes(found).length).toBeGreaterThan(5);
  });

  test('comes after what is stored', async () => {
    const url = `${THO}/CodeSystem/v2-0945`;
    const body = { resourceType: 'CodeSystem', id: 'own', url, version: '1', status: 'active' };
    const concept = [{ code: 'own' }];
    const sent = JSON.stringify({ ...body, content: 'complete', concept });
    expect((await api().put('/CodeSystem/own').type(FHIR).send(sent)).status).toBe(201);
    expect(value(await get(`/CodeSystem/$validate-code?url=${url}&code=own`), 'result')).toBe(true);
    expect(value(await get(`/CodeSystem/$validate-code?url=${url}&code=X5`), 'result')).toBe(false);
    await api().delete('/CodeSystem/own');
    expect(value(await get(`/CodeSystem/$validate-code?url=${url}&code=X5`), 'result')).toBe(true);
  });

  test('is told of by metadata, with its versions', async () => {
    const { codeSystem } = (await get('/metadata?mode=terminology')) as unknown as {
      codeSystem: { uri: string; version?: { code: string }[] }[];
    };
    const known = codeSystem.find(({ uri }) => uri === ACT_CODE);
    expect(known?.version?.map(({ code }) => code)).toEqual(['2018-08-12', '9.0.0']);
  });
});
