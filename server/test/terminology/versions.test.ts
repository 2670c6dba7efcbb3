import { describe, expect, test } from '@jest/globals';
import {
  CS,
  fruit,
  fruitWorld,
  parameters,
  texts,
  value,
  valueSet,
  type Answer,
  type Json,
} from './fruitWorld.ts';

/** Which version of a code system a coding is judged by (http://hl7.org/fhir/R4/valueset-operation-validate-code.html). */
describe('versions in $validate-code', () => {
  const { post } = fruitWorld();
  const pear = { system: CS, code: 'pear' };

  const ask = async (version: string | undefined, coding: Json, ...more: Json[]): Promise<Answer> => {
    const include = [{ system: CS, ...(version !== undefined && { version }) }];
    const asked = [
      { name: 'valueSet', resource: valueSet('asked', { include }) },
      { name: 'coding', valueCoding: coding },
    ];
    const { status, body } = await post('/ValueSet/$validate-code', parameters(...asked, ...more));
    expect(status).toBe(200);
    return body;
  };
  const ids = (answer: Answer): unknown[] => {
    const issues = answer.parameter.find(({ name }) => name === 'issues')?.resource?.issue ?? [];
    return (issues as unknown as { extension: { valueString: string }[] }[]).map(
      ({ extension }) => extension[0]!.valueString,
    );
  };
  const rule = (name: string) => ({ name, valueUri: `${CS}|1.0` });

  test('an include without a version takes the one that the coding names', async () => {
    expect(value(await ask(undefined, pear), 'version')).toBe('2.0');
    const first = await ask(undefined, { ...pear, code: 'apple', version: '1.0' });
    expect([value(first, 'result'), value(first, 'version')]).toEqual([true, '1.0']);
    const notYet = await ask(undefined, { ...pear, version: '1.0' });
    expect(value(notYet, 'result')).toBe(false);
    expect(ids(notYet)).toContain('Unknown_Code_in_Version');
  });

  test('a version that there is comes before others that it fits, too', async () => {
    for (const version of ['1.0', '1.0.1']) {
      const concept = [{ code: `of-${version}` }];
      const created = await post('/CodeSystem', { ...fruit(version), url: `${CS}-exact`, concept });
      expect(created.status).toBe(201);
    }
    const asked = (version: string) =>
      post(
        '/CodeSystem/$validate-code',
        parameters(
          { name: 'url', valueUri: `${CS}-exact` },
          { name: 'version', valueString: version },
          { name: 'code', valueCode: 'of-1.0' },
        ),
      );
    expect(value((await asked('1.0')).body, 'result')).toBe(true);
    expect(value((await asked('1.0.1')).body, 'result')).toBe(false);
  });

  test('so does one with a pattern, for versions that it fits', async () => {
    const first = await ask('x.0', { ...pear, code: 'apple', version: '1.0' });
    expect([value(first, 'result'), value(first, 'version')]).toEqual([true, '1.0']);
    const other = await ask('x.1', { ...pear, version: '1.0' });
    expect(value(other, 'result')).toBe(false);
    expect(ids(other)).toEqual(
      expect.arrayContaining(['VALUESET_VALUE_MISMATCH', 'UNKNOWN_CODESYSTEM_VERSION']),
    );
  });

  test('a version that nobody knows is told; that another one would have been taken only warns', async () => {
    const answer = await ask(undefined, { ...pear, version: '9' });
    expect(value(answer, 'result')).toBe(false);
    expect(texts(answer)).toEqual([
      `warning: The code system '${CS}' version '2.0' for the versionless include in the ValueSet include is different to the one in the value ('9')`,
      `error: A definition for CodeSystem '${CS}' version '9' could not be found, so the code cannot be validated. Valid versions: 1.0 or 2.0`,
    ]);
    expect(value(answer, 'x-caused-by-unknown-system')).toBe(`${CS}|9`);
  });

  test('a version that check-system-version does not allow is an issue of the answer', async () => {
    const answer = await ask('2.0', pear, rule('check-system-version'));
    expect(value(answer, 'result')).toBe(false);
    expect(ids(answer)).toEqual(['VALUESET_VERSION_CHECK']);
    expect(
      value(await ask(undefined, { ...pear, code: 'apple' }, rule('check-system-version')), 'version'),
    ).toBe('1.0');
  });

  test('a version that a rule puts in the place of another one is told as such', async () => {
    const answer = await ask('2.0', { ...pear, version: '2.0' }, rule('force-system-version'));
    expect(ids(answer)[0]).toBe('VALUESET_VALUE_MISMATCH_CHANGED');
    expect(texts(answer)[0]).toMatch("version '1.0' resulting from the version '2.0'");
  });

  test('of a concept with codings of two versions the last that is right is told', async () => {
    const coding = ['1.0', '2.0'].map((version) => ({ system: CS, code: 'apple', version }));
    const { body } = await post(
      '/ValueSet/all/$validate-code',
      parameters({ name: 'codeableConcept', valueCodeableConcept: { coding } }),
    );
    expect([value(body, 'result'), value(body, 'version')]).toEqual([true, '2.0']);
  });

  test('a system that is not known is the cause only where the answer hangs on it', async () => {
    const strange = { system: 'http://nobody/has', code: 'x' };
    expect(value(await ask(undefined, strange), 'x-unknown-system')).toBe(strange.system);
    const asked = valueSet('strange', { include: [{ system: strange.system }] });
    const { body } = await post(
      '/ValueSet/$validate-code',
      parameters(
        { name: 'valueSet', resource: asked },
        { name: 'codeableConcept', valueCodeableConcept: { coding: [strange] } },
      ),
    );
    expect(value(body, 'x-caused-by-unknown-system')).toBe(strange.system);
    expect(ids(body)).toEqual([
      'UNKNOWN_CODESYSTEM',
      'UNABLE_TO_CHECK_IF_THE_PROVIDED_CODES_ARE_IN_THE_VALUE_SET_CS',
    ]);
  });

  test('$subsumes compares codings of one version, whichever of them names it', async () => {
    const compare = (a: Json, b: Json) =>
      post(
        '/CodeSystem/$subsumes',
        parameters(
          { name: 'codingA', valueCoding: { system: CS, code: 'apple', ...a } },
          { name: 'codingB', valueCoding: { system: CS, code: 'pear', ...b } },
        ),
      );
    expect((await compare({ version: '1.0' }, { version: '2.0' })).status).toBe(400);
    expect((await compare({}, { version: '1.0' })).status).toBe(404);
    expect(value((await compare({}, {})).body, 'outcome')).toBe('not-subsumed');
  });
});
