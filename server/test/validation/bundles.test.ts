import { beforeAll, describe, expect, test } from '@jest/globals';
import { createValidator } from '../../src/validation/createValidator.ts';
import type { Validator } from '../../src/validation/validator.ts';
import { r4Definitions } from '../support/definitions.ts';
import { issuesNow } from '../support/validation.ts';

let validator: Validator;

beforeAll(async () => {
  validator = createValidator(await r4Definitions());
});

/** What is found, as `rule expression`. */
const found = (resource: unknown, thorough = false): string[] =>
  issuesNow(validator, resource, { thorough, mode: 'base' }).map(
    ({ details, expression }) => `${details?.coding?.[0]?.code} ${expression?.[0]}`,
  );

const urn = (digit: number) => `urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e${digit}`;
const patient = { resourceType: 'Patient', active: true };
const composition = (more: object = {}) => ({
  resourceType: 'Composition',
  status: 'final',
  type: { text: 'x' },
  date: '2024-01-01',
  title: 'x',
  author: [{ display: 'x' }],
  subject: { reference: urn(2) },
  ...more,
});
const document = (...entry: object[]) => ({
  resourceType: 'Bundle',
  type: 'document',
  identifier: { system: 'http://x', value: 'y' },
  timestamp: '2024-01-01T00:00:00Z',
  entry,
});

describe('entries', () => {
  const collection = (...entry: object[]) => ({ resourceType: 'Bundle', type: 'collection', entry });

  test.each([
    'Patient/1',
    'urn:uuid:1',
    'urn:uuid:0C3151BD-1cbf-4d64-b04d-cd9187a4c6e0',
    'urn:oid:x',
    '0c3151bd',
  ])('are not identified by %s', (fullUrl) => {
    expect(found(collection({ fullUrl, resource: patient }))).toEqual(['bundle-full-url Bundle.entry[0]']);
  });

  test('are identified by what their resources say', () => {
    const entry = (fullUrl: string) => ({ fullUrl, resource: { ...patient, id: '1' } });
    expect(found(collection(entry('http://x/Patient/1'), entry(urn(1)), entry('http://x/y')))).toEqual([]);
    expect(found(collection(entry('http://x/Patient/2')))).toEqual(['bundle-identity Bundle.entry[0]']);
    expect(found(collection(entry('http://x/Observation/1')))).toEqual(['bundle-identity Bundle.entry[0]']);
    expect(found(collection(entry('http://x/Observation/2')))).toEqual(['bundle-identity Bundle.entry[0]']);
    const anonymous = { fullUrl: 'http://x/Patient/1', resource: patient };
    expect(found(collection(anonymous))).toEqual(['bundle-identity Bundle.entry[0]']);
    expect(found(collection(entry('http://x/thing/2')))).toEqual([]);
  });

  test('have a fullUrl, but for what nobody has stored', () => {
    const stored = { resource: { ...patient, id: '1' } };
    const outcome = {
      resourceType: 'OperationOutcome',
      id: 'x',
      issue: [{ severity: 'error', code: 'invalid' }],
    };
    const bundle = (type: string, ...entry: object[]) => ({ resourceType: 'Bundle', type, entry });
    for (const type of ['collection', 'searchset', 'message'])
      expect(found(bundle(type, stored))).toContain('bundle-full-url Bundle.entry[0]');
    expect(found(bundle('collection', { resource: patient }))).toEqual(['bundle-full-url Bundle.entry[0]']);
    expect(found(bundle('searchset', { resource: patient }, { resource: outcome }))).toEqual([]);
    const response = { status: '200' };
    expect(found(bundle('batch-response', { ...stored, response }))).toEqual([]);
  });

  test('of a transaction may be named by any URN', () => {
    const entry = { fullUrl: 'urn:uuid:p', resource: patient, request: { method: 'POST', url: 'Patient' } };
    expect(found({ resourceType: 'Bundle', type: 'transaction', entry: [entry] })).toEqual([]);
  });
});

describe('a document', () => {
  const first = { fullUrl: urn(1), resource: composition() };
  const second = { fullUrl: urn(2), resource: patient };

  test('has what its Composition refers to', () => {
    expect(found(document(first, second))).toEqual([]);
    expect(found(document(first))).toEqual(['bundle-reference Bundle.entry[0].resource.subject.reference']);
    const section = [{ title: 'x', section: [{ title: 'y', entry: [{ reference: 'Observation/1' }] }] }];
    const nested = { fullUrl: urn(1), resource: composition({ section }) };
    expect(found(document(nested, second))).toEqual([
      'bundle-reference Bundle.entry[0].resource.section[0].section[0].entry[0].reference',
    ]);
  });

  test('finds it by fullUrls, not by ids alone', () => {
    const server = (base: string, id: string, resource: object) => ({
      fullUrl: `${base}/${id}`,
      resource: { ...resource, id: id.split('/')[1] },
    });
    const own = composition({ subject: { reference: 'Patient/1' } });
    const start = server('http://a', 'Composition/1', own);
    expect(found(document(start, server('http://a', 'Patient/1', patient)))).toEqual([]);
    for (const lost of [
      document(start, server('http://b', 'Patient/1', patient)),
      document({ fullUrl: urn(1), resource: own }, { fullUrl: urn(2), resource: { ...patient, id: '1' } }),
    ])
      expect(found(lost)).toEqual(['bundle-reference Bundle.entry[0].resource.subject.reference']);
  });

  test('finds it in the version that is named', () => {
    const of = (versionId?: string) => ({
      fullUrl: 'http://a/Patient/1',
      resource: { ...patient, id: '1', ...(versionId === undefined ? {} : { meta: { versionId } }) },
    });
    const start = (reference: string) => ({
      fullUrl: 'http://a/Composition/1',
      resource: { ...composition({ subject: { reference } }), id: '1' },
    });
    for (const reference of ['Patient/1/_history/2', 'http://a/Patient/1/_history/2']) {
      expect(found(document(start(reference), of('1'), of('2')))).toEqual([]);
      expect(found(document(start(reference), of()))).toEqual([]);
      expect(found(document(start(reference), of('1')))).toEqual([
        'bundle-reference Bundle.entry[0].resource.subject.reference',
      ]);
    }
  });

  test('names its entries', () => {
    expect(found(document(first, second, { resource: patient }))).toEqual([
      'bundle-full-url Bundle.entry[2]',
    ]);
  });

  test('has nothing that is not connected with its Composition, which is a warning', () => {
    const alone = { fullUrl: urn(3), resource: { ...patient } };
    const back = {
      fullUrl: urn(4),
      resource: {
        resourceType: 'Observation',
        status: 'final',
        code: { text: 'x' },
        subject: { reference: urn(2) },
      },
    };
    const bundle = document(first, second, alone, back);
    expect(found(bundle)).toEqual([]);
    expect(found(bundle, true)).toContain('bundle-unreachable Bundle.entry[2]');
    expect(found(bundle, true)).not.toContain('bundle-unreachable Bundle.entry[3]');
  });
});

test('a message has what its MessageHeader is about', () => {
  const header = {
    resourceType: 'MessageHeader',
    eventUri: 'http://x',
    source: { endpoint: 'http://x' },
    focus: [{ reference: urn(2) }],
  };
  const message = (...entry: object[]) => ({ resourceType: 'Bundle', type: 'message', entry });
  const first = { fullUrl: urn(1), resource: header };
  expect(found(message(first, { fullUrl: urn(2), resource: patient }))).toEqual([]);
  expect(found(message(first))).toEqual(['bundle-reference Bundle.entry[0].resource.focus[0].reference']);
});

describe('a URN that no entry has', () => {
  const observation = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    subject: { reference: urn(2) },
  };
  const request = { method: 'POST', url: 'x' };
  const bundle = (type: string, ...more: object[]) => ({
    resourceType: 'Bundle',
    type,
    entry: [{ fullUrl: urn(1), resource: observation, ...(type === 'transaction' && { request }) }, ...more],
  });
  const dangling = (resource: object, thorough = true) =>
    found(resource, thorough).filter((text) => text.startsWith('bundle-reference'));
  const place = 'bundle-reference Bundle.entry[0].resource.subject.reference';

  test.each(['collection', 'transaction'])('is told in a %s where warnings are wanted', (type) => {
    expect(dangling(bundle(type))).toEqual([place]);
    expect(dangling(bundle(type), false)).toEqual([]);
    expect(dangling(bundle(type, { fullUrl: urn(2), resource: patient, request }))).toEqual([]);
  });

  test('is told in a document once', () => {
    const other = { fullUrl: urn(3), resource: { ...observation, subject: { reference: urn(4) } } };
    expect(dangling(document({ fullUrl: urn(1), resource: composition() }, other))).toEqual([
      'bundle-reference Bundle.entry[1].resource.subject.reference',
      place,
    ]);
  });

  test('is nothing to be told where others may have it', () => {
    expect(dangling(bundle('searchset'))).toEqual([]);
    expect(found(observation)).toEqual([]);
  });
});
