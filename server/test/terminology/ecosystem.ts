import { archivedFiles } from '../support/sharedData.ts';

/** What HL7's terminology tests expect, and how their readme says that it is compared. */

type Json = Record<string, unknown>;

export interface EcosystemTest {
  name: string;
  operation: string;
  request: string;
  response: string;
  'http-code'?: string;
  'Accept-Language'?: string;
}

export interface EcosystemSuite {
  name: string;
  setup: string[];
  tests: EcosystemTest[];
}

/** The files of the archive by their path below `tests/`. */
export function readEcosystem(archive: string): {
  suites: EcosystemSuite[];
  file(name: string): Json | undefined;
} {
  const files = new Map<string, string>();
  for (const { name, content } of archivedFiles(archive)) {
    const path = /(?:^|\/)tests\/(.+\.json)$/.exec(name)?.[1];
    if (path !== undefined) files.set(path, content.toString());
  }
  const file = (name: string) => {
    const text = files.get(name);
    return text === undefined ? undefined : (JSON.parse(text) as Json);
  };
  return { suites: file('test-cases.json')!.suites as EcosystemSuite[], file };
}

/** Sources of some resources carry translations under names that FHIR does not have (`title:en`). */
export function asFhir(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asFhir);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => !name.includes(':'));
  return Object.fromEntries(entries.map(([name, one]) => [name, asFhir(one)]));
}

const PROPERTY = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.contains.property';
const DEFINITION = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.property';

/** The tests are in R5: what R4 carries as extensions is put into R5's elements. */
export function asR5(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asR5);
  if (typeof value !== 'object' || value === null) return value;
  const json = value as Json;
  const isOf = (one: unknown) => [PROPERTY, DEFINITION].includes((one as Json).url as string);
  const extensions = Array.isArray(json.extension) ? json.extension : [];
  const property = extensions.filter(isOf).map((one) => propertyOf(one as Json));
  const extension = extensions.filter((one) => !isOf(one));
  const rest = Object.entries(json).filter(([name]) => name !== 'extension');
  return {
    ...Object.fromEntries(rest.map(([name, one]) => [name, asR5(one)])),
    ...(extension.length > 0 && { extension: extension.map(asR5) }),
    ...(property.length > 0 && { property }),
  };
}

function propertyOf({ extension }: Json): Json {
  const parts = extension as Json[];
  const entries = parts.map(({ url, ...value }) => {
    const [name, one] = Object.entries(value)[0]!;
    return [url === 'value' ? name : url, one];
  });
  return Object.fromEntries(entries) as Json;
}

const PATTERNS: Record<string, RegExp> = {
  $id$: /^[A-Za-z0-9\-.]{1,64}$/,
  $uuid$: /^urn:uuid:[0-9a-f-]{36}$/,
  $instant$: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
};

/** The first difference, with its place; undefined: it is as expected. */
export function difference(expected: unknown, actual: unknown, at = '$'): string | undefined {
  if (Array.isArray(expected)) return listDifference(expected, actual, at);
  if (typeof expected === 'object' && expected !== null)
    return objectDifference(expected as Json, actual, at);
  if (typeof expected === 'string' && expected.startsWith('$')) {
    const choice = /^\$choice:(.*)\$$/.exec(expected)?.[1];
    const isFine =
      choice === undefined
        ? PATTERNS[expected]?.test(String(actual))
        : choice.split('|').includes(String(actual));
    return isFine === true ? undefined : `${at}: ${JSON.stringify(actual)} instead of ${expected}`;
  }
  return expected === actual
    ? undefined
    : `${at}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`;
}

function objectDifference(expected: Json, actual: unknown, at: string): string | undefined {
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual))
    return `${at}: ${JSON.stringify(actual)} instead of an object`;
  const given = actual as Json;
  const optional = (expected['$optional-properties$'] as string[] | undefined) ?? [];
  for (const [name, value] of Object.entries(expected)) {
    if (name.startsWith('$')) continue;
    if (given[name] === undefined) {
      if (optional.includes(name) || isAllOptional(value)) continue;
      return `${at}.${name}: is missing`;
    }
    const found = difference(value, given[name], `${at}.${name}`);
    // The definition may come in any of its forms (an import resolved, or as it was sent).
    if (found !== undefined && !(name === 'compose' && optional.includes(name))) return found;
  }
  const more = Object.keys(given).find((name) => expected[name] === undefined && !optional.includes(name));
  return more === undefined ? undefined : `${at}.${more}: was not expected (${JSON.stringify(given[more])})`;
}

const isOptional = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (value as Json).$optional$ !== undefined;

const isAllOptional = (value: unknown): boolean =>
  Array.isArray(value) ? value.every(isOptional) : isOptional(value);

/** The order never matters. */
function listDifference(expected: unknown[], actual: unknown, at: string): string | undefined {
  if (!Array.isArray(actual)) return `${at}: ${JSON.stringify(actual)} instead of a list`;
  const left = [...(actual as unknown[])];
  for (const [i, one] of expected.entries()) {
    const place = left.findIndex((other) => difference(one, other) === undefined);
    if (place >= 0) left.splice(place, 1);
    else if (!isOptional(one)) {
      const near = left.find((other) => isAlike(one, other)) ?? left[0];
      return difference(one, near, `${at}[${i}]`) ?? `${at}[${i}]: is missing`;
    }
  }
  return left.length === 0 ? undefined : `${at}: ${JSON.stringify(left[0])} was not expected`;
}

/** For a difference that tells something: what has the same name or code. */
function isAlike(one: unknown, other: unknown): boolean {
  const [a, b] = [one as Json, other as Json];
  return ['name', 'code', 'url', 'language'].some((name) => a[name] !== undefined && a[name] === b[name]);
}
