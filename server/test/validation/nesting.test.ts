import { beforeAll, describe, expect, test } from '@jest/globals';
import { JSON_DEPTH_MAX } from '../../src/fhir/json/parse.ts';
import { createValidator } from '../../src/validation/createValidator.ts';
import { ISSUES_MAX } from '../../src/validation/state.ts';
import type { Validator } from '../../src/validation/validator.ts';
import { r4Definitions } from '../support/definitions.ts';
import { issuesNow } from '../support/validation.ts';

let validator: Validator;

beforeAll(async () => {
  validator = createValidator(await r4Definitions());
});

/** What is found, as `rule expression`; but not that nothing refers to a contained resource. */
function faults(resource: unknown): string[] {
  return issuesNow(validator, resource)
    .map(({ details, expression }) => `${details?.coding?.[0]?.code} ${expression?.[0]}`)
    .filter((fault) => !fault.startsWith('contained-unused '));
}

const BAD_PATIENT = { resourceType: 'Patient', active: 'x' };
const NESTED = { resourceType: 'Patient', contained: [{ resourceType: 'Patient' }] };

describe('resources inside resources', () => {
  test('are checked by their own type', () => {
    expect(
      faults({ resourceType: 'Patient', contained: [{ resourceType: 'Device', id: 'd' }, BAD_PATIENT] }),
    ).toEqual(['json-type Patient.contained[1].active']);
    expect(faults({ resourceType: 'Bundle', type: 'batch', entry: [{ resource: BAD_PATIENT }] })).toEqual([
      'json-type Bundle.entry[0].resource.active',
    ]);
    expect(faults({ resourceType: 'Parameters', parameter: [{ name: 'a', resource: BAD_PATIENT }] })).toEqual(
      ['json-type Parameters.parameter[0].resource.active'],
    );
    const response = { status: '200', outcome: { resourceType: 'OperationOutcome' } };
    expect(faults({ resourceType: 'Bundle', type: 'batch-response', entry: [{ response }] })).toEqual([
      'cardinality-min Bundle.entry[0].response.outcome.issue',
    ]);
  });

  test('must say what they are', () => {
    expect(faults({ resourceType: 'Patient', contained: [{ id: 'a' }] })).toEqual([
      'resource-type-missing Patient.contained[0].resourceType',
    ]);
    for (const resourceType of [
      'Patinet',
      'DomainResource',
      'HumanName',
      'toString',
      '__proto__',
      5,
      null,
      {},
    ]) {
      expect(faults({ resourceType: 'Patient', contained: [{ resourceType }] })).toEqual([
        'resource-type-unknown Patient.contained[0].resourceType',
      ]);
    }
    expect(faults({ resourceType: 'Patient', contained: ['x'] })).toEqual(['json-type Patient.contained[0]']);
  });

  test('contained ones may not contain others', () => {
    expect(faults({ resourceType: 'Patient', contained: [NESTED, { resourceType: 'Device' }] })).toEqual([
      'contained-nested Patient.contained[0].contained',
    ]);
  });

  test('the entries of a bundle may contain resources', () => {
    const entry = [{ resource: NESTED }, { resource: { ...NESTED, contained: [{ resourceType: 'Nope' }] } }];
    expect(
      faults({ resourceType: 'Bundle', type: 'batch', entry: [...entry, { resource: NESTED }] }),
    ).toEqual(['resource-type-unknown Bundle.entry[1].resource.contained[0].resourceType']);
  });
});

describe('extensions', () => {
  test.each([
    ['without url', { valueCode: 'x' }, 'cardinality-min Patient.extension[0].url'],
    ['without content', { url: 'http://u' }, 'extension-content Patient.extension[0]'],
    [
      'with value and extensions',
      { url: 'http://u', valueCode: 'x', extension: [{ url: 'v', valueCode: 'y' }] },
      'extension-content Patient.extension[0]',
    ],
    [
      'with a wrong type',
      { url: 'http://u', valueResource: {}, valueCode: 'x' },
      'choice-type Patient.extension[0].value',
    ],
  ])('%s', (_name, extension, fault) => {
    expect(faults({ resourceType: 'Patient', extension: [extension] })).toEqual([fault]);
  });

  test('may have extensions, or a value that is only an extension', () => {
    const nested = { url: 'http://u', extension: [{ url: 'v', valueCode: 'y' }] };
    const absent = {
      url: 'http://u',
      _valueCode: { extension: [{ url: 'http://v', valueCode: 'unknown' }] },
    };
    expect(faults({ resourceType: 'Patient', extension: [nested, absent] })).toEqual([]);
  });
});

describe('reused content', () => {
  test('is checked like what it reuses', () => {
    const item = {
      linkId: 'a',
      type: 'group',
      item: [{ linkId: 'b', type: 'group', item: [{ linkId: 'c' }] }],
    };
    expect(faults({ resourceType: 'Questionnaire', status: 'draft', item: [item] })).toEqual([
      'cardinality-min Questionnaire.item[0].item[0].item[0].type',
    ]);
    expect(
      faults({ resourceType: 'Bundle', type: 'batch', entry: [{ link: [{ relation: 'self' }] }] }),
    ).toEqual(['cardinality-min Bundle.entry[0].link[0].url']);
  });
});

describe('limits', () => {
  function nestedExtensions(depth: number): object {
    let extension: object = { url: 'http://u', valueCode: 'x' };
    for (let i = 1; i < depth; i++) extension = { url: 'http://u', extension: [extension] };
    return { resourceType: 'Patient', extension: [extension] };
  }

  test('nesting up to the limit is fine, deeper is one issue', () => {
    expect(faults(nestedExtensions(JSON_DEPTH_MAX))).toEqual([]);
    const [fault, ...others] = faults(nestedExtensions(JSON_DEPTH_MAX + 1));
    expect(others).toEqual([]);
    expect(fault).toMatch(/^nesting-depth Patient(\.extension\[0\]){65}$/);
    expect(faults(nestedExtensions(100_000))).toHaveLength(1);
  });

  test('a contained resource that is too deep does not make the next resource a contained one', () => {
    const bundle = (resources: object[]): object => ({
      resourceType: 'Bundle',
      type: 'batch',
      entry: resources.map((resource) => ({ resource })),
    });
    // Each bundle is two steps (entry, resource), so that the contained resource is the first one too deep.
    let deep: object = NESTED;
    for (let depth = 2; depth < JSON_DEPTH_MAX; depth += 2) deep = bundle([deep]);
    expect(faults(bundle([deep, NESTED]))).toEqual([
      expect.stringMatching(/^nesting-depth Bundle(\.entry\[0\]\.resource){32}\.contained\[0\]$/),
    ]);
  });

  test('at most ISSUES_MAX issues, and a closing one that says there are more', () => {
    const names = (count: number): object => ({
      resourceType: 'Patient',
      name: Array.from({ length: count }, () => ({ x: 1 })),
    });
    expect(faults(names(ISSUES_MAX))).toHaveLength(ISSUES_MAX);
    for (const count of [ISSUES_MAX + 1, 5000]) {
      const found = issuesNow(validator, names(count));
      expect(found).toHaveLength(ISSUES_MAX + 1);
      expect(found.at(-1)).toMatchObject({
        severity: 'information',
        code: 'informational',
        expression: ['Patient'],
      });
    }
    expect(faults(names(1))).toEqual(['unknown-element Patient.name[0].x']);
  });
});

describe('any JSON value', () => {
  test('is answered with issues, never with an exception', () => {
    for (const value of [
      null,
      5,
      'x',
      true,
      [],
      [1],
      {},
      { resourceType: 5 },
      { resourceType: 'Nope' },
      undefined,
    ]) {
      expect(faults(value)[0]).toMatch(/^resource-type-(missing|unknown) Resource\.resourceType$/);
    }
  });

  test('no diagnostics ever quote content', () => {
    const secret = 'Sec ret';
    const values = [
      secret,
      [secret],
      { [secret]: secret },
      { id: secret },
      [{ text: { div: secret } }],
      null,
    ];
    const definedNames = [
      'name',
      'birthDate',
      'active',
      'photo',
      'link',
      'text',
      '_active',
      'contained',
      'extension',
    ];
    for (const value of values) {
      for (const name of definedNames) {
        const issues = issuesNow(validator, { resourceType: 'Patient', [name]: value, [secret]: secret });
        expect(issues.length).toBeGreaterThan(0);
        expect(JSON.stringify(issues)).not.toContain('ret');
      }
    }
  });
});
