import type { JsonObject, Resource } from '../resource.ts';
import type { NamedHere } from './namedHere.ts';

const isRawJson = (JSON as unknown as { isRawJSON(value: unknown): boolean }).isRawJSON;

/** What stands in place of a reference that must be there (http://hl7.org/fhir/R4/extension-data-absent-reason.html). */
const MASKED = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }],
} as const;

/** A value without what is erased; `isAbout`: all of it is about something erased, so that nothing of it may stay in a list. */
interface Cleaned {
  value: unknown;
  isAbout: boolean;
}

/**
 * A resource without its links to some others, and without what stands beside them: of a list the whole item goes (a participant with
 * its period), elsewhere the reference alone is masked. Its narrative goes, since it may tell the same. A resource inside that is
 * itself one of the others goes as well. The given one stays as it is.
 *
 * @param isErased of `Type/id`
 * @param resource may be `ParsedJson.exact`
 */
export function anonymised<T extends Resource>(
  resource: T,
  named: NamedHere,
  isErased: (name: string) => boolean,
): T {
  const { text: _narrative, ...rest } = cleanedObject(resource, { named, isErased }).value as JsonObject;
  return rest as T;
}

interface Erased {
  named: NamedHere;
  isErased: (name: string) => boolean;
}

function cleaned(value: unknown, erased: Erased): Cleaned {
  if (typeof value === 'string') {
    return { value, isAbout: erased.named.in(value).some(erased.isErased) };
  }
  if (typeof value !== 'object' || value === null) return { value, isAbout: false };
  if (Array.isArray(value)) return { value: cleanedList(value, erased), isAbout: false };
  const found = cleanedObject(value as JsonObject, erased);
  return isErasedResource(value as JsonObject, erased) ? { ...found, isAbout: true } : found;
}

function isErasedResource({ resourceType, id }: JsonObject, { isErased }: Erased): boolean {
  return typeof resourceType === 'string' && typeof id === 'string' && isErased(`${resourceType}/${id}`);
}

function cleanedObject(object: JsonObject, erased: Erased): { value: JsonObject; isAbout: boolean } {
  if (isRawJson(object)) return { value: object, isAbout: false };
  const value: JsonObject = {};
  let isAbout = false;
  for (const [name, before] of Object.entries(object)) {
    const after = cleaned(before, erased);
    if (!after.isAbout) {
      if (!isEmptied(before, after.value)) value[name] = after.value;
    } else {
      isAbout = true;
      if (typeof before === 'object') value[name] = masked(after.value as JsonObject);
    }
  }
  return { value, isAbout };
}

/** A list of references keeps one, masked: it may be one that must be there. */
function cleanedList(list: readonly unknown[], erased: Erased): unknown[] {
  const kept = list.map((item) => cleaned(item, erased)).filter(({ isAbout }) => !isAbout);
  if (kept.length === 0 && list.some(isReference)) return [MASKED];
  return kept.map(({ value }) => value);
}

const isEmptied = (before: unknown, after: unknown): boolean =>
  Array.isArray(after) && after.length === 0 && (before as unknown[]).length > 0;

const isReference = (value: unknown): boolean =>
  typeof (value as { reference?: unknown } | null)?.reference === 'string';

/** Of a reference nothing stays; of what has one inside, the rest does: it has been masked there. */
const masked = (value: JsonObject): JsonObject =>
  Object.keys(value).some((name) => !REFERENCE_PARTS.has(name)) ? value : { ...MASKED };

const REFERENCE_PARTS: ReadonlySet<string> = new Set([
  'reference',
  'display',
  'identifier',
  'type',
  'id',
  'extension',
]);
