import { beforeAll } from '@jest/globals';
import { FHIR, serverForFile } from '../rest/support.ts';

export type Json = Record<string, unknown>;

export interface Parameter {
  name: string;
  resource?: Answer;
  part?: Parameter[];
  [value: string]: unknown;
}

/** An answer of any of the operations: each test knows which. */
export interface Answer {
  parameter: Parameter[];
  issue: { severity: string; code: string; details: { text: string; coding: { code: string }[] } }[];
  expansion: { total: number; contains?: { code: string; display?: string }[] };
  group?: { element: unknown }[];
  version?: string;
}

export const CS = 'http://example.org/CodeSystem/fruit';
export const VS = 'http://example.org/ValueSet';
export const fruit = (version: string, more: Json[] = []) => ({
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
export const valueSet = (id: string, compose: Json) => ({
  resourceType: 'ValueSet',
  id,
  url: `${VS}/${id}`,
  version: '1',
  status: 'active',
  compose,
});
export const parameters = (...parameter: Json[]) => ({ resourceType: 'Parameters', parameter });

const WORLD = [
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

/** A server for the test file with some fruit, and short ways to ask it. */
export function fruitWorld() {
  const { api } = serverForFile();
  beforeAll(async () => {
    for (const one of WORLD) {
      const response = await api().put(`/${one.resourceType}/${one.id}`).type(FHIR).send(JSON.stringify(one));
      if (response.status !== 201) throw new Error(`${one.id}: ${response.text}`);
    }
  });
  const post = async (url: string, body: Json): Promise<{ status: number; body: Answer }> => {
    const { status, text } = await api().post(url).type(FHIR).send(JSON.stringify(body));
    return { status, body: JSON.parse(text) as Answer };
  };
  const get = async (url: string): Promise<Answer> => JSON.parse((await api().get(url)).text) as Answer;
  return { api, post, get };
}

/** The value of a parameter. */
export function value(answer: Answer, name: string): unknown {
  const found = answer.parameter.find((one) => one.name === name);
  return found && Object.entries(found).find(([key]) => key.startsWith('value'))?.[1];
}

export const codes = (answer: Answer): string[] => (answer.expansion.contains ?? []).map(({ code }) => code);

/** What the issues of a validation say. */
export function texts(answer: Answer): string[] {
  const issues = answer.parameter.find(({ name }) => name === 'issues')?.resource?.issue ?? [];
  return issues.map(({ severity, details }) => `${severity}: ${details.text}`);
}
