import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientOf, inFlight, type Client } from '../acceptance/support/client.ts';
import { r4Definitions } from '../support/definitions.ts';
import { People } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { smallest } from './smallest.ts';

/** Stands in every resource that the caller may not see. */
const PLANTED = 'Zwetschkenknoedel';
const OPEN = 'https://security.example|open';
const IN_FLIGHT = 8;
/** Values that each parameter is asked by; the next one is asked by the next ones. */
const VALUES_EACH = 1;

/** What somebody may try to break out of a value with, or to be told more by. */
const HOSTILE = [
  "'",
  "' OR '1'='1",
  "'; DROP TABLE maxray.patient; --",
  "') UNION SELECT content FROM patient --",
  '"; SELECT pg_sleep(10); --',
  "\\'; SELECT 1; --",
  '$1',
  '$$; SELECT 1; $$',
  '%',
  '_%',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\u202e\ufeff\u2028',
  '𝒜🩻́́́́',
  'x'.repeat(9_000),
  `${'a|'.repeat(500)}`,
  ','.repeat(1_000),
  '\\,\\|\\$\\\\',
  '|',
  'a|b|c|d',
  '$',
  'a$b$c',
  '../../../etc/passwd',
  'file:///etc/passwd',
  'http://127.0.0.1:1/Patient/1',
  'Patient/1/_history/../../User/1',
  'javascript:alert(1)',
  '<script>alert(1)</script>',
  '{"$ne":null}',
  '__proto__',
  'constructor',
  'null',
  'NaN',
  'Infinity',
  '-0',
  '1e999999',
  `1${'0'.repeat(400)}`,
  '0.'.concat('9'.repeat(400)),
  'eq',
  'ge-9999',
  'lt99999-99-99T99:99:99Z',
  '2020-02-30',
  'ap0000',
  '${jndi:ldap://127.0.0.1/x}',
  '%2527',
  '%c0%ae%c0%ae/',
  ' ',
  '',
  '(((((((((((((((((',
  'name eq "x" or true',
];

/** What only the database, or a defect, could have said. */
const TELLTALE =
  /syntax error|pg_catalog|relation "|\bat .*\.ts:\d|unterminated|invalid byte sequence|22P0\d/;

let server: TestServer;
let limited: Client;
let administrator: Client;
let parameters: { type: string; code: string; kind: string }[];
beforeAll(async () => {
  const definitions = await r4Definitions();
  server = await startTestServer({ validation: 'structure' });
  administrator = clientOf(server.url, IN_FLIGHT);
  const types = definitions.resourceTypes.filter((type) => type !== 'AuditEvent');
  // What a Subscription may ask for is judged when it is written: none is stored here.
  const stored = types.filter((type) => type !== 'Subscription');
  await inFlight(IN_FLIGHT, stored, async (type) => {
    const shown = {
      ...smallest(definitions, type),
      id: 'open',
      meta: { tag: [{ system: OPEN.split('|')[0], code: 'open' }] },
    };
    const hidden = { ...smallest(definitions, type), id: 'planted', language: PLANTED };
    for (const body of [shown, hidden]) {
      const { status, text } = await administrator.send(`${type}/${body.id}`, { method: 'PUT', body });
      if (status !== 201) throw new Error(`${type}: ${status} ${text}`);
    }
  });
  const people = new People(server);
  await people.prepare();
  await people.policy(
    'tagged',
    types.map((resourceType) => ({ resourceType, criteria: `${resourceType}?_tag=${OPEN}` })),
  );
  const authorization = await people.client('limited', { profile: 'Patient/open', policies: ['tagged'] });
  limited = clientOf(server.url, IN_FLIGHT, async () => authorization);
  parameters = types.flatMap((type) =>
    definitions.searchParameters(type).map(({ code, type: kind }) => ({ type, code, kind })),
  );
});
afterAll(() => server.stop());

/** What is wrong with an answer to somebody who may see the open resources only; undefined: nothing. */
function fault(status: number, text: string): string | undefined {
  if (status >= 500) return `status ${status}`;
  if (TELLTALE.test(text)) return 'tells of the database';
  if (text.includes(PLANTED)) return 'shows what may not be seen';
  const body = JSON.parse(text) as { resourceType: string; entry?: { resource: { id: string } }[] };
  if (status !== 200) return body.resourceType === 'OperationOutcome' ? undefined : 'no OperationOutcome';
  const isOther = ({ resource }: { resource: { id?: string } }) => (resource.id ?? 'open') !== 'open';
  return (body.entry ?? []).some(isOther) ? 'finds what may not be seen' : undefined;
}

async function walk(asked: readonly string[]): Promise<string[]> {
  const faults: string[] = [];
  await inFlight(IN_FLIGHT, asked, async (path) => {
    const { status, text } = await limited.send(path);
    const found = fault(status, text);
    if (found !== undefined) faults.push(`${found}: ${path.slice(0, 200)} ${text.slice(0, 300)}`);
  });
  return faults;
}

const query = (name: string, value: string): string =>
  // Half of a surrogate cannot be encoded: it is sent as bytes that are no UTF-8.
  `${encodeURIComponent(name)}=${value === '\ud800' ? '%ED%A0%80' : encodeURIComponent(value)}`;

describe('to somebody who may see a little, no value of', () => {
  test('any parameter of any type shows or breaks anything', async () => {
    const asked = parameters.flatMap(({ type, code }, i) =>
      Array.from({ length: VALUES_EACH }, (_, j) => HOSTILE[(i * VALUES_EACH + j) % HOSTILE.length]!).map(
        (value) => `${type}?${query(code, value)}`,
      ),
    );
    expect(asked.length).toBeGreaterThan(1_000);
    expect(await walk(asked)).toEqual([]);
  });

  test('a parameter of each kind does, by all values, with each modifier, or posted', async () => {
    const kinds = new Map(parameters.map((one) => [one.kind, one]));
    expect([...kinds.keys()].sort()).toEqual(
      expect.arrayContaining([
        'date',
        'number',
        'quantity',
        'reference',
        'string',
        'token',
        'uri',
        'composite',
      ]),
    );
    const modifiers = ['', ':contains', ':not', ':in', ':identifier'];
    const asked = [...kinds.values()].flatMap(({ type, code }) =>
      modifiers.flatMap((modifier) =>
        HOSTILE.map((value) => `${type}?${query(`${code}${modifier}`, value)}`),
      ),
    );
    expect(await walk(asked)).toEqual([]);
  });

  test('what shapes the answer does', async () => {
    const names = [
      '_sort',
      '_count',
      '_include',
      '_revinclude',
      '_elements',
      '_summary',
      '_total',
      '_contained',
      '_since',
      '_format',
      '_pretty',
      '_filter',
      '_has:Observation:patient:code',
      '_content',
      '_text',
      '_list',
      '_type',
      '_id',
      '_cursor',
      '_getpages',
    ];
    const asked = names.flatMap((name) => HOSTILE.map((value) => `Patient?${query(name, value)}`));
    const histories = HOSTILE.flatMap((value) =>
      ['_since', '_at', '_count'].map((name) => `Patient/_history?${query(name, value)}`),
    );
    expect(await walk([...asked, ...histories])).toEqual([]);
  });

  test('the name of a parameter, a modifier, a type, an id or a version does', async () => {
    const asked = HOSTILE.filter((value) => value.length < 2_000).flatMap((value) => {
      const part = value === '\ud800' ? '%ED%A0%80' : encodeURIComponent(value);
      return [
        `Patient?${part}=x`,
        `Patient?name:${part}=x`,
        `Observation?subject:${part}.name=x`,
        `Observation?subject:Patient.${part}=x`,
        `Patient?_has:${part}:patient:code=x`,
        `Patient?_sort=-${part}`,
        `Patient?_include=Patient:${part}`,
        ...(value === '' ? [] : [`Patient/${part}`, `Patient/open/_history/${part}`, `Patient/open/${part}`]),
        ...(value.trim() === '' ? [] : [`Patient/$${part}`]),
      ];
    });
    expect(await walk(asked)).toEqual([]);
  });
});

test('all is there afterwards', async () => {
  const { status, text } = await administrator.send('Patient?_summary=count');
  expect({ status, total: (JSON.parse(text) as { total: number }).total }).toEqual({ status: 200, total: 2 });
  const seen = JSON.parse((await limited.send('Patient')).text) as { entry: { resource: { id: string } }[] };
  expect(seen.entry.map(({ resource }) => resource.id)).toEqual(['open']);
});
