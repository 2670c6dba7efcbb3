import { createHash } from 'node:crypto';
import { parseJson, type ParsedJson } from '../../fhir/json/parse.ts';
import { FhirError, fhirError } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import { PACKAGE_FILE_BYTES_MAX, type PackageFile, type PackageFiles } from './packageFiles.ts';
import { isName, isVersion, type PackageId, type PackageWish } from './packageName.ts';

/** What is loaded of a package; examples stand elsewhere in it, and the guide itself is named in the CapabilityStatement. */
export const LOADED_TYPES: ReadonlySet<string> = new Set([
  'StructureDefinition',
  'SearchParameter',
  'ValueSet',
  'CodeSystem',
  'ConceptMap',
  'NamingSystem',
  'CapabilityStatement',
  'OperationDefinition',
]);

/** `package.json` of a FHIR package, as far as it is used. */
export interface PackageManifest extends PackageId {
  /** Releases of FHIR that it is for. */
  fhirVersions: string[];
  dependencies: PackageWish[];
  /** URL of the implementation guide without version, where one is in it. */
  guide?: string;
}

/** A resource under the id that it is stored by. */
export interface PackageResource {
  type: string;
  id: string;
  body: ParsedJson;
}

/** A file of a package that cannot be read. */
export interface UnreadableFile {
  name: string;
  reason: string;
}

const MANIFEST = 'package.json';
/** Files that are no resources, or that are about the package itself. */
const SKIPPED = /^(\.|package\.json$|validation-|ig-r4\.json$)/;

/** @throws FhirError `incorrect` when it has no manifest, or one of no FHIR package; `unprocessable` when it is not for R4 */
export async function readManifest(files: PackageFiles): Promise<PackageManifest> {
  let guide: string | undefined;
  let manifest: PackageManifest | undefined;
  for await (const file of files()) {
    if (file.name === MANIFEST) manifest = parseManifest(file);
    else if (file.name.startsWith('ImplementationGuide-')) guide ??= guideOf(file);
  }
  if (manifest === undefined)
    throw fhirError('incorrect', 'structure', 'This is no FHIR package: it has no package/package.json.');
  if (!manifest.fhirVersions.some((version) => version.startsWith('4.0')))
    throw fhirError(
      'unprocessable',
      'not-supported',
      `The package ${manifest.name} ${releases(manifest)}: take its edition for R4 (4.0.1).`,
    );
  return guide === undefined ? manifest : { ...manifest, guide };
}

const releases = ({ fhirVersions }: PackageManifest): string =>
  fhirVersions.length === 0
    ? "does not say by 'fhirVersions' which FHIR it is for"
    : `is for FHIR ${fhirVersions.join(', ')}`;

function parseManifest({ bytes }: PackageFile): PackageManifest {
  const parsed = parsedFile(bytes);
  if (parsed instanceof FhirError)
    throw fhirError(
      'incorrect',
      'structure',
      `The package.json of the package cannot be read: ${parsed.message}`,
    );
  const json = parsed.value as Record<string, unknown> | null;
  const { name, version } = json ?? {};
  const dependencies = Object.entries((json?.dependencies ?? {}) as Record<string, unknown>);
  if (typeof name !== 'string' || typeof version !== 'string' || !isName(name) || !isVersion(version))
    throw fhirError(
      'incorrect',
      'structure',
      'The package.json of the package has no usable name and version.',
    );
  const versions = json?.fhirVersions ?? json?.['fhir-version-list'] ?? [];
  return {
    name,
    version,
    fhirVersions: Array.isArray(versions) ? versions.map(String) : [],
    dependencies: dependencies
      .filter(([one, wanted]) => isName(one) && typeof wanted === 'string' && isVersion(wanted))
      .map(([one, wanted]) => ({ name: one, version: String(wanted) })),
  };
}

/** A guide that cannot be read is told with the other files. */
function guideOf({ bytes }: PackageFile): string | undefined {
  const parsed = parsedFile(bytes);
  const { url } = parsed instanceof FhirError ? {} : ((parsed.value ?? {}) as Partial<Resource>);
  return typeof url === 'string' ? url : undefined;
}

/**
 * The resources of a package that are loaded, each with an id made of its canonical and version: the same in every server, and
 * another for another version. Files that are no JSON are told among them.
 */
export async function* packageResources(
  files: PackageFiles,
): AsyncGenerator<PackageResource | UnreadableFile, void> {
  for await (const { name, bytes } of files()) {
    if (SKIPPED.test(name)) continue;
    const parsed = parsedFile(bytes);
    if (parsed instanceof FhirError) {
      yield { name, reason: parsed.message };
      continue;
    }
    const { value, exact } = parsed;
    const type = (value as Partial<Resource> | null)?.resourceType;
    if (typeof type !== 'string' || !LOADED_TYPES.has(type)) continue;
    const id = stableId(value as Resource);
    yield { type, id, body: { value: withId(value, id), exact: withId(exact, id) } };
  }
}

/** Who administers brings it, one file at a time: code systems may have many values, which their bytes bound. */
function parsedFile(bytes: PackageFile['bytes']): ParsedJson | FhirError {
  try {
    return parseJson(bytes, { valuesMax: PACKAGE_FILE_BYTES_MAX });
  } catch (error) {
    if (error instanceof FhirError) return error;
    throw error;
  }
}

const withId = (resource: unknown, id: string): Resource => ({ ...(resource as Resource), id });

const ID_LENGTH_MAX = 64;
const HASH_LENGTH = 12;

/** The resource's own id, so that it can be read, with what tells versions and packages apart. */
export function stableId({ resourceType, id, url, version }: Resource): string {
  const canonical = `${resourceType} ${String(url ?? id)}|${String(version ?? '')}`;
  const hash = createHash('sha256').update(canonical).digest('hex').slice(0, HASH_LENGTH);
  const readable = String(id ?? resourceType).replaceAll(/[^A-Za-z0-9.-]/g, '-');
  return `${readable.slice(0, ID_LENGTH_MAX - HASH_LENGTH - 1)}-${hash}`;
}
