import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SearchWorld, ids } from './searchWorld.ts';

const Q = 'http://acme.org/q';

describe('versions of canonicals, and parameters of MIME types', () => {
  let world: SearchWorld;

  beforeAll(async () => {
    world = await SearchWorld.open();
    const response = (questionnaire: string) => ({ questionnaire, status: 'completed' });
    const document = (contentType: string) => ({
      status: 'current',
      content: [{ attachment: { contentType } }],
    });
    await world.putTogether({
      'ValueSet/one': { url: 'http://z/vs', version: '1.0' },
      'ValueSet/two': { url: 'http://z/vs', version: '2.0' },
      'ValueSet/none': { url: 'http://z/vs' },
      'ValueSet/other': { url: 'http://z/other', version: '2.0' },
      'QuestionnaireResponse/bare': response(Q),
      'QuestionnaireResponse/v1': response(`${Q}|1`),
      'QuestionnaireResponse/v1-0': response(`${Q}|1.0`),
      'QuestionnaireResponse/v1-1': response(`${Q}|1.1-rc#item`),
      'QuestionnaireResponse/v10': response(`${Q}|10`),
      'QuestionnaireResponse/v2': response(`${Q}|2#item`),
      'QuestionnaireResponse/deeper': response(`${Q}/r|1`),
      'StructureDefinition/first': { baseDefinition: 'http://k/base|1.2' },
      'StructureDefinition/second': { baseDefinition: 'http://k/base|2' },
      'DocumentReference/xml': document('text/xml'),
      'DocumentReference/utf': document('text/xml; charset=UTF-8'),
      'DocumentReference/xmlish': document('text/xml-external-parsed-entity'),
      'DocumentReference/plain': document('text/plain'),
      'DocumentReference/pdf': document('application/pdf'),
    });
  });
  afterAll(() => world.close());

  test.each([
    ['ValueSet?url=http://z/vs|2.0', ['two']],
    ['ValueSet?url=http://z/vs|2.0,http://z/other', ['other', 'two']],
    ['ValueSet?url=http://z/vs|', ['none', 'one', 'two']],
    ['ValueSet?url=http://z/vs|3', []],
    ['ValueSet?_filter=url eq "http://z/vs|1.0"', ['one']],
    [`QuestionnaireResponse?questionnaire:below=${Q}|1`, ['v1', 'v1-0', 'v1-1']],
    [`QuestionnaireResponse?questionnaire:below=${Q}|1.1`, ['v1-1']],
    [`QuestionnaireResponse?questionnaire:below=${Q}|2`, ['v2']],
    [`QuestionnaireResponse?questionnaire:below=${Q}`, ['bare', 'v1', 'v1-0', 'v1-1', 'v10', 'v2']],
    [`QuestionnaireResponse?questionnaire:below=${Q}|`, ['bare', 'v1', 'v1-0', 'v1-1', 'v10', 'v2']],
    [`QuestionnaireResponse?questionnaire:below=${Q}|10,${Q}/r`, ['deeper', 'v10']],
    ['StructureDefinition?base:below=http://k/base|1', ['first']],
    ['StructureDefinition?base:below=http://k/base', ['first', 'second']],
    ['DocumentReference?contenttype:below=text/xml', ['utf', 'xml']],
    ['DocumentReference?contenttype:below=text', ['plain', 'utf', 'xml', 'xmlish']],
    ['DocumentReference?contenttype:below=text/*,application/', ['pdf', 'plain', 'utf', 'xml', 'xmlish']],
  ])('%s finds %j', async (query, found) => {
    expect(ids(await world.search(query)).sort()).toEqual(found);
  });
});
