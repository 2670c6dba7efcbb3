import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { createValidator } from '../../src/validation/createValidator.ts';
import type { CodingFault, Ports } from '../../src/validation/ports.ts';
import { r4Definitions } from '../support/definitions.ts';

let definitions: Awaited<ReturnType<typeof r4Definitions>>;
beforeAll(async () => {
  definitions = await r4Definitions();
});

const faultOf = (kind: CodingFault['kind'], severity: CodingFault['severity'] = 'error'): CodingFault[] => [
  { kind, severity, text: 'x' },
];
/** Of the codes that begin with `wrong`, and of no system but `http://x`. */
const ports: Ports = {
  codes: {
    answer: (questions) => Promise.resolve(questions.map(() => ({ verdict: 'in' as const }))),
    faults: (codings) =>
      Promise.resolve(
        codings.map(({ system, code = '' }) => {
          if (system === 'http://x/vs') return faultOf('system');
          if (system !== 'http://x') return faultOf('unchecked', 'warning');
          return code.startsWith('wrong') ? faultOf('code') : [];
        }),
      ),
  },
};

/** What is found of these rules, as `severity rule expression`. */
async function found(resource: object, thorough = true): Promise<string[]> {
  const validator = createValidator(definitions, { ports });
  const issues = await validator.validate(resource as Resource, { thorough, mode: 'base' });
  return issues
    .map(({ severity, details, expression }) => ({ severity, rule: details?.coding?.[0]?.code, expression }))
    .filter(({ rule = '' }) => rule.startsWith('code-system') || rule.startsWith('coding-'))
    .map(({ severity, rule, expression }) => `${severity} ${rule} ${expression?.[0]}`);
}

describe('a ValueSet', () => {
  const valueSet = (compose: object) => ({ resourceType: 'ValueSet', status: 'draft', compose });
  const codes = (...all: string[]) => all.map((code) => ({ code, display: 'of its own' }));

  test('lists codes that their systems have', async () => {
    const compose = {
      include: [
        { system: 'http://x', concept: codes('a', 'wrong-1') },
        { system: 'http://unknown', concept: codes('a') },
      ],
      exclude: [{ system: 'http://x', version: '1', concept: codes('wrong-2') }],
    };
    expect(await found(valueSet(compose))).toEqual([
      'warning coding-code ValueSet.compose.include[0].concept[1].code',
      'warning coding-code ValueSet.compose.exclude[0].concept[0].code',
    ]);
    expect(await found(valueSet(compose), false)).toEqual([]);
  });

  test('includes code systems, not value sets', async () => {
    const compose = (system: string) => ({ include: [{ system, concept: codes('a', 'b') }] });
    expect(await found(valueSet(compose('http://x/vs')))).toEqual([
      'error coding-system ValueSet.compose.include[0].system',
    ]);
    expect(await found(valueSet(compose('#contained')))).toEqual([]);
  });
});

describe('a CodeSystem', () => {
  const codeSystem = (more: object) => ({
    resourceType: 'CodeSystem',
    status: 'draft',
    content: 'complete',
    ...more,
  });
  const concept = [{ code: 'a', concept: [{ code: 'b' }] }];

  test('counts all its concepts, where it is complete', async () => {
    expect(await found(codeSystem({ count: 2, concept }))).toEqual([]);
    expect(await found(codeSystem({ count: 1, concept }))).toEqual([
      'error code-system-count CodeSystem.count',
    ]);
    expect(await found(codeSystem({ count: 1, concept }), false)).toEqual([]);
    expect(await found(codeSystem({ count: 9, content: 'fragment', concept }))).toEqual([]);
    expect(await found(codeSystem({ count: 9 }))).toEqual([]);
  });

  test('names what it is a supplement to', async () => {
    expect(await found(codeSystem({ content: 'supplement', concept, supplements: 'http://x' }))).toEqual([]);
    expect(await found(codeSystem({ content: 'supplement', concept }))).toEqual([
      'error code-system-supplement CodeSystem.supplements',
    ]);
  });

  test('has concepts with properties that it defines', async () => {
    const property = [
      { code: 'size', type: 'integer' },
      { code: 'since', type: 'dateTime' },
    ];
    const of = (...all: object[]) =>
      codeSystem({ property, concept: [{ code: 'a', concept: [{ code: 'b', property: all }] }] });
    const right = [
      { code: 'size', valueInteger: 1 },
      { code: 'since', valueDateTime: '2020' },
    ];
    expect(await found(of(...right))).toEqual([]);
    const at = 'CodeSystem.concept[0].concept[0].property';
    expect(await found(of({ code: 'size', valueString: '1' }, { code: 'colour', valueCode: 'red' }))).toEqual(
      [`error code-system-property ${at}[0].value`, `warning code-system-property ${at}[1].code`],
    );
  });
});
