import { beforeAll, describe, expect, test } from '@jest/globals';
import { addParameters } from '../../src/fhir/definitions/addParameters.ts';
import type { Definitions, SearchParameterDefinition } from '../../src/fhir/definitions/types.ts';
import { fhirError } from '../../src/fhir/outcome.ts';
import type { SearchQuery } from '../../src/fhir/search/ast.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import { addedParameters, believed } from '../../src/records/addedParameters.ts';
import type { Store } from '../../src/store/store.ts';
import { r4Definitions } from '../support/definitions.ts';

const made = (code: string, type: SearchParameterDefinition['type'], base: string, expression: string) => ({
  url: `urn:${code}`,
  code,
  type,
  base: [base],
  expression,
  added: { resource: code, revision: 1 },
});
const NICK = made('nick', 'string', 'Patient', 'Patient.contact.name');
const KEEPER = made('keeper', 'reference', 'Patient', 'Patient.managingOrganization');
const SITE = made('site', 'token', 'Observation', 'Observation.bodySite');

let definitions: Definitions;
beforeAll(async () => {
  definitions = addParameters(await r4Definitions(), [NICK, KEEPER, SITE]);
});

const EVERYTHING = { supports: () => true, sorts: () => true };
function parse(url: string): SearchQuery {
  const [type, query] = url.split('?') as [string, string];
  const scope = { level: 'type', types: [type] } as const;
  return parseSearch(definitions, EVERYTHING, scope, [...new URLSearchParams(query)], 'strict').query;
}

test.each<[string, string[]]>([
  ['Patient?name=x', []],
  ['Patient?nick=x', ['nick']],
  ['Patient?nick:missing=true', ['nick']],
  ['Patient?_sort=name,-nick', ['nick']],
  ['Patient?_filter=name co "x" or not (nick co "y")', ['nick']],
  ['Patient?keeper.name=x', ['keeper']],
  ['Observation?subject:Patient.keeper:Organization.name=x', ['keeper']],
  ['Organization?_has:Patient:keeper:nick=x', ['keeper', 'nick']],
  ['Patient?_has:Observation:subject:site=x', ['site']],
  ['Patient?_include=Patient:keeper', ['keeper']],
  ['Organization?_revinclude=Patient:keeper', ['keeper']],
  ['Organization?_revinclude=Patient:*', ['keeper', 'nick', 'site']], // whatever may be followed
  ['Patient?name=x&_include=Patient:organization', []],
])('%s depends on %j', (url, codes) => {
  const added = addedParameters(parse(url), definitions);
  expect([...added].map(({ code }) => code).sort()).toEqual(codes);
});

describe('what was read by added parameters', () => {
  const store = (isCurrent: boolean, hadAdded = true) => {
    const asked: string[][] = [];
    const plans = {
      hadAdded,
      isCurrent: (all: Iterable<SearchParameterDefinition>) => {
        asked.push([...all].map(({ code }) => code));
        return Promise.resolve(isCurrent);
      },
    };
    return { asked, plans: plans as unknown as Store['plans'], definitions };
  };
  const fault = fhirError('busy', 'too-costly', 'it took too long');

  test('is believed when they are still the same afterwards', async () => {
    const one = store(true);
    expect(await believed(one, parse('Patient?nick=x'), () => Promise.resolve('read'))).toBe('read');
    expect(one.asked).toEqual([['nick']]);
  });

  test('is not when they are not, whether it could be read or failed', async () => {
    for (const read of [() => Promise.resolve('read'), () => Promise.reject(new Error('not in the index'))])
      await expect(believed(store(false), parse('Patient?nick=x'), read)).rejects.toMatchObject({
        category: 'busy',
        message: expect.stringContaining('changed or removed while it ran'),
      });
  });

  test('fails as it failed when they are still the same', async () => {
    const failed = believed(store(true), parse('Patient?nick=x'), () => Promise.reject(fault));
    await expect(failed).rejects.toBe(fault);
  });

  test('asks nothing where there are none, or none was ever added', async () => {
    const one = store(false);
    expect(await believed(one, parse('Patient?name=x'), () => Promise.resolve('read'))).toBe('read');
    const bare = store(false, false);
    expect(await believed(bare, parse('Patient?nick=x'), () => Promise.resolve('read'))).toBe('read');
    expect([one.asked, bare.asked]).toEqual([[], []]);
  });
});
