import { errorIssue, FhirError, fhirError, type Issue } from '../../fhir/outcome.ts';
import { referencePlace } from '../../fhir/links/referencePlace.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { TransactionView } from '../../store/conditional/transactionView.ts';
import type { FittingVersion } from '../../store/resource/transactionReader.ts';
import type { StoredVersion } from '../../store/resource/types.ts';
import { live, notFound } from '../liveVersion.ts';
import {
  compositionReferences,
  listReferences,
  type DocumentReference,
  type ReferenceReading,
} from './references.ts';

/** Resources in one document. */
export const DOCUMENT_RESOURCES_MAX = 1_000;
/** How often what is referred to is read again because the references have changed meanwhile. */
const ROUNDS_MAX = 6;
/** Missing resources that an error tells of. */
const MISSING_TOLD_MAX = 20;

/** A version of a resource, with its content. */
export type DocumentResource = StoredVersion & { type: string; content: string };

export interface Gathering extends ReferenceReading {
  /** Of what was found, that which may be seen, as it may be: the rest is not there. Absent: everything may be seen. */
  visible?: ((found: readonly DocumentResource[]) => Promise<DocumentResource[]>) | undefined;
}

type Versions = ReadonlyMap<string, FittingVersion>;

/**
 * A Composition and what its document holds, each version once, in the order of the references. Everything is read by one
 * statement, so it is all of one moment: what is referred to is known from what an earlier one has read, until both agree.
 *
 * @throws FhirError `not-found`, `gone` for the Composition; `unprocessable` where something that it refers to is missing, or
 *   is too much; `too-large`; `busy`
 */
export async function gatherDocument(
  reading: Gathering,
  view: Pick<TransactionView, 'readAll' | 'readVersion'>,
  id: string,
): Promise<DocumentResource[]> {
  let names = new Map([[`Composition/${id}`, { type: 'Composition', id }]]);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const versions = new Map((await view.readAll([...names.values()])).map((one) => [nameOf(one), one]));
    const composition = whole('Composition', live('Composition', id, fitting(versions, `Composition/${id}`)));
    const references = referencesOf(reading, composition, versions);
    const others = references.filter(({ version }) => version === undefined);
    if (others.every(({ name }) => names.has(name))) {
      return assemble(reading, view, composition, { references, versions });
    }
    names = new Map([
      [`Composition/${id}`, { type: 'Composition', id }],
      ...others.map((one) => [one.name, { type: one.type, id: one.id }] as const),
    ]);
  }
  throw new FhirError('busy', [
    errorIssue('transient', 'The Composition is being changed by others: try again.'),
  ]);
}

const nameOf = ({ type, id }: FittingVersion) => `${type}/${id}`;
const whole = (type: string, version: StoredVersion & { content: string }): DocumentResource => ({
  ...version,
  type,
});

function referencesOf(
  reading: ReferenceReading,
  { content }: DocumentResource,
  versions: Versions,
): DocumentReference[] {
  const direct = compositionReferences(reading, JSON.parse(content) as Resource);
  const lists = new Set(direct.filter(({ type }) => type === 'List').map(({ name }) => name));
  const items = [...lists].flatMap((name) => {
    const list = fitting(versions, name)?.content;
    return typeof list === 'string' ? listReferences(reading, JSON.parse(list) as Resource) : [];
  });
  const all = [...direct, ...items];
  if (new Set(all.map(keyOf)).size > DOCUMENT_RESOURCES_MAX) throw tooMany();
  return all;
}

/** The version under a name. @throws FhirError `too-large` where there was no room for it */
function fitting(versions: Versions, name: string): FittingVersion | undefined {
  const version = versions.get(name);
  if (version === undefined || version.fits || version.method === 'D') return version;
  throw tooLarge();
}

const keyOf = ({ name, version }: Pick<DocumentReference, 'name' | 'version'>) =>
  version === undefined ? name : `${name}/_history/${version}`;

interface Gathered {
  references: readonly DocumentReference[];
  versions: Versions;
}

async function assemble(
  { visible }: Gathering,
  view: Pick<TransactionView, 'readVersion'>,
  composition: DocumentResource,
  { references, versions }: Gathered,
): Promise<DocumentResource[]> {
  const read = new Map<string, StoredVersion | undefined>();
  const found = new Map([[versionOf(composition), composition]]);
  for (const reference of references) {
    const { type, name, version } = reference;
    const key = keyOf(reference);
    if (read.has(key)) continue;
    const current = fitting(versions, name);
    const isCurrent = version === undefined || version === current?.version;
    const one = isCurrent ? current : await view.readVersion(reference, version);
    read.set(key, one);
    if (one && one.content !== null) {
      const resource = whole(type, live(type, reference.id, one));
      found.set(versionOf(resource), resource);
    }
  }
  const resources = visible ? await visible([...found.values()]) : [...found.values()];
  if (resources[0]?.id !== composition.id || resources[0].type !== composition.type)
    throw notFound(composition.type, composition.id);
  const seen = new Set(resources.map(versionOf));
  const missing = references.filter((reference) => {
    const one = read.get(keyOf(reference));
    return reference.needed && !(one && seen.has(versionOf({ type: reference.type, ...one })));
  });
  const byKey = new Map(missing.map((reference) => [keyOf(reference), reference]));
  if (byKey.size === 0) return resources;
  // Who may not see everything is not told either that it was there once.
  const issues = [...byKey].map(([key, reference]) =>
    missingIssue(composition, reference, visible ? undefined : read.get(key)),
  );
  throw new FhirError('unprocessable', issues.slice(0, MISSING_TOLD_MAX));
}

const versionOf = ({ type, id, version }: { type: string; id: string; version: number }) =>
  keyOf({ name: `${type}/${id}`, version });

function missingIssue(
  { content }: DocumentResource,
  { written }: DocumentReference,
  version: StoredVersion | undefined,
): Issue {
  const [code, what] = version
    ? (['deleted', 'was deleted'] as const)
    : (['not-found', 'is not there'] as const);
  const text = `The Composition refers to ${written}, which ${what}, and a document holds all that its Composition refers to: store it, or correct the reference.`;
  return errorIssue(code, text, referencePlace(JSON.parse(content) as Resource, written));
}

const tooMany = () =>
  fhirError(
    'unprocessable',
    'too-costly',
    `The document would hold more than ${DOCUMENT_RESOURCES_MAX} resources: divide its Composition.`,
  );

/** The error that a document would be too large for one answer. */
export const tooLarge = () =>
  fhirError(
    'too-large',
    'too-costly',
    'The resources of the document are too large for one answer: divide its Composition, or keep large data in Binary resources that its resources name by URL.',
  );
