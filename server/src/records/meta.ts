import type { JsonObject, Resource } from '../fhir/resource.ts';
import { parseExact, type ParsedJson } from '../fhir/json/parse.ts';
import { FhirError, fhirError } from '../fhir/outcome.ts';
import { LABELS_MAX, type Label } from '../store/labels/labelsInUse.ts';
import type { Store } from '../store/store.ts';
import type { Caller } from './caller.ts';
import { visibleLabels } from './visibleLabels.ts';
import { refuseRawBinary } from './rawBinary.ts';
import type { Records } from './records.ts';

export type { Label } from '../store/labels/labelsInUse.ts';

/** How often a change is tried when others write the resource at the same moment. */
const CHANGE_TRIES_MAX = 5;

/** Changes a meta in place (plain or exact JSON). @returns whether it differs now */
export type MetaChange = (meta: JsonObject) => boolean;

/** The labels of resources: profiles, security labels and tags in `meta`. */
export class MetaRecords {
  readonly #store: Store;
  readonly #records: Records;

  constructor(store: Store, records: Records) {
    this.#store = store;
    this.#records = records;
  }

  /** The meta of the current version, or of the given one, as exact JSON. @throws FhirError `not-found`, `gone` */
  async read(caller: Caller, type: string, id: string, versionId?: string): Promise<JsonObject> {
    const version =
      versionId === undefined
        ? await this.#records.read(caller, type, id)
        : await this.#records.readVersion(caller, type, id, versionId);
    return metaOf(version.content);
  }

  /**
   * The labels that resources of a type, or of all types, have, as far as the caller may see them.
   *
   * @throws FhirError `unprocessable` when they are too many, `forbidden`, `busy` when it takes too long
   */
  async inUse(caller: Caller, type: string | undefined): Promise<Label[]> {
    const labels =
      caller.access === 'unrestricted'
        ? await this.#store.labelsInUse(type)
        : await visibleLabels(this.#records, caller, type);
    if (labels.length <= LABELS_MAX) return labels;
    const where = type === undefined ? 'The server has' : `Resources of type ${type} have`;
    const text = `${where} more than ${LABELS_MAX} different labels: ask for the $meta of one type or resource.`;
    throw fhirError('unprocessable', 'too-costly', text);
  }

  /**
   * Changes the labels of a resource, which makes a new version where they differ then.
   *
   * @returns the meta of the version that is current now
   * @throws FhirError `not-found`, `gone`, `conflict` when others keep writing it
   */
  async change(caller: Caller, type: string, id: string, change: MetaChange): Promise<JsonObject> {
    for (let tries = 0; tries < CHANGE_TRIES_MAX; tries++) {
      const current = await this.#records.read(caller, type, id);
      const resource: ParsedJson = { value: JSON.parse(current.content), exact: parseExact(current.content) };
      if (!changed(resource, change)) return metaOf(current.content);
      await refuseRawBinary(this.#store, type, id, current.version);
      try {
        const written = await this.#records.update(caller, type, id, resource, current.version);
        return metaOf(written.content);
      } catch (error) {
        if (!(error instanceof FhirError && error.category === 'precondition-failed')) throw error;
      }
    }
    throw fhirError('conflict', 'conflict', 'The resource is being written by others: try again.');
  }
}

function changed({ value, exact }: ParsedJson, change: MetaChange): boolean {
  change(((exact as Resource).meta ??= {}) as JsonObject);
  return change(((value as Resource).meta ??= {}) as JsonObject);
}

function metaOf(content: string): JsonObject {
  return ((parseExact(content) as Resource).meta ?? {}) as JsonObject;
}
