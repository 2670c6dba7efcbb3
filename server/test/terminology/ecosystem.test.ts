import { beforeAll, describe, expect, test } from '@jest/globals';
import { FHIR, serverForFile } from '../rest/support.ts';
import { sharedPath } from '../support/sharedData.ts';
import { asFhir, asR5, difference, readEcosystem, type EcosystemTest } from './ecosystem.ts';

/**
 * HL7's terminology ecosystem tests, as far as they are in the shared data: the suites that have files there. Those in
 * FILES_MISSING need resources that are not.
 */
const SUITES = ['simple-cases', 'parameters', 'language'];
const URLS: Record<string, string> = {
  expand: '/ValueSet/$expand',
  lookup: '/CodeSystem/$lookup',
  'validate-code': '/ValueSet/$validate-code',
};
/** Their code system is extensions/codesystem-extensions.json, which is not in the archive. */
const FILES_MISSING = /^parameters-(expand-supplement|validate-supplement|lookup-supplement)|definitions3$/;

const archive = sharedPath('data/terminology-cases.tgz');

(archive === undefined ? describe.skip : describe)("HL7's terminology tests", () => {
  const { api } = serverForFile();
  const { suites, file } = readEcosystem(archive!);
  const wanted = suites.filter(({ name }) => SUITES.includes(name));

  beforeAll(async () => {
    for (const name of new Set(wanted.flatMap(({ setup }) => setup))) {
      const resource = file(name);
      if (!resource) continue;
      const { resourceType, id } = resource as { resourceType: string; id: string };
      const response = await api()
        .put(`/${resourceType}/${id}`)
        .type(FHIR)
        .send(JSON.stringify(asFhir(resource)));
      if (response.status !== 201) throw new Error(`${name}: ${response.text}`);
    }
  });

  const cases = wanted.flatMap(({ name, tests }) =>
    tests.filter((one) => !FILES_MISSING.test(one.name)).map((one) => [name, one.name, one] as const),
  );

  test.each(cases)('%s: %s', async (_suite, _name, one: EcosystemTest) => {
    const call = api().post(URLS[one.operation]!).type(FHIR);
    if (one['Accept-Language'] !== undefined) void call.set('Accept-Language', one['Accept-Language']);
    const response = await call.send(JSON.stringify(file(one.request)));
    expect(Math.floor(response.status / 100)).toBe(one['http-code'] === '4xx' ? 4 : 2);
    expect(difference(file(one.response), asR5(JSON.parse(response.text)))).toBeUndefined();
  });

  test('has the cases of all three suites', () => {
    expect(cases.length).toBeGreaterThanOrEqual(65);
  });
});
