import { fhirError } from '../../../fhir/outcome.ts';
import type { Condition, StringMatch } from '../../../fhir/search/ast.ts';
import { contentUris, isReadable } from '../content/contentValues.ts';
import { rawString } from '../../index/fold.ts';
import type { ParameterSlot } from '../../index/plan.ts';
import type { Key } from '../../index/rows.ts';
import type { ConditionContext } from './context.ts';
import { anyOf, isKey, sideRow } from './expressions.ts';
import { textMatches } from './string.ts';

type UriCondition = Extract<Condition, { kind: 'uri' }>;

/**
 * Part of a URI, as it is written (http://hl7.org/fhir/R4/search.html#uri); `exact` and `above` are keys (keyTerms). Where
 * there are no string rows (elements of `meta`), the content is read.
 */
export function uriCondition(context: ConditionContext, { parameter, match, uris }: UriCondition): string {
  const { type, parameters } = context;
  const { params, tests } = uriTests(context, { parameter, match, uris });
  const matches = (column: string) =>
    anyOf(tests.map((test) => textMatches(context, column, test.match, test.texts)));
  if (params) {
    return sideRow(context, 'strings', (row) => {
      const param = isKey(parameters, `${row}.param`, params);
      return `${param} AND ${matches(`${row}.value`)}`;
    });
  }
  const values = contentUris(context, parameter);
  if (!values) throw new Error(`The URIs of ${parameter.code} of ${type} cannot be read from the content`);
  return `EXISTS (SELECT FROM (${values.sql}) v WHERE ${matches('v.value')})`;
}

/** What is asked of URIs as they are written. */
export interface UriTests {
  /** Of the string rows that hold them; absent: they must be read from the content. */
  params?: Key[];
  /** Any of them. */
  tests: { match: Exclude<StringMatch, 'exact'>; texts: string[] }[];
}

/** Below a URL is itself, and what goes on after it with a further segment or, of a canonical, its version (search.html#versions). */
export function uriTests(
  { index, type }: Pick<ConditionContext, 'type' | 'index'>,
  { parameter, match, uris }: Omit<UriCondition, 'kind'>,
): UriTests {
  if (match === 'exact' || match === 'above') throw new Error(`a URI's ${match} is a matter of keys`);
  const { slots } = index.plan(type, parameter)!;
  const { params } = index.uriPrefix(type, parameter, '');
  const rows = params.length === slots.length ? { params } : {};
  const texts = uris.map(rawString);
  if (match === 'version-below' || match === 'mime-below') {
    requireReadable(slots, parameter.code);
    return { tests: match === 'mime-below' ? mimeTests(texts) : versionTests(texts) };
  }
  if (match !== 'below') return { ...rows, tests: [{ match, texts }] };
  const separators = hasVersions(slots) ? ['/', '|'] : ['/'];
  return { ...rows, tests: equalOrAfter(texts, (uri) => (uri.endsWith('/') ? [''] : separators)) };
}

/** A version goes on after a point or a hyphen (`1` is begun by 1.0 and 1-rc, not by 10); `#` names a part of the resource. */
function versionTests(texts: string[]): UriTests['tests'] {
  return equalOrAfter(texts, (uri) => (uri.includes('|') ? ['.', '-', '#'] : ['|', '#']));
}

/** Parameters stand after a semicolon, subtypes after a slash. */
function mimeTests(texts: string[]): UriTests['tests'] {
  return equalOrAfter(texts, (mime) => (mime.includes('/') ? [';', ' ;'] : ['/']));
}

function equalOrAfter(texts: string[], nextOf: (text: string) => readonly string[]): UriTests['tests'] {
  const starts = texts.flatMap((text) => nextOf(text).map((next) => text + next));
  return [
    { match: 'equals', texts },
    { match: 'starts-with', texts: starts },
  ];
}

function requireReadable(slots: readonly ParameterSlot[], code: string): void {
  if (isReadable(slots)) return;
  const text = `'${code}' cannot be searched with :below: its values are not to be found by a path. Leave the modifier out.`;
  throw fhirError('incorrect', 'not-supported', text);
}

const hasVersions = (slots: readonly ParameterSlot[]) =>
  slots.some(({ slot }) => slot.resolved?.some((path) => path.type === 'canonical') ?? true);
