import type { IndexQuery } from '../index/query.ts';
import type { Key } from '../index/rows.ts';
import { int8Array, textArray } from '../resource/binaryArray.ts';
import { tableNames } from '../schema/names.ts';
import { once, parts, type Run } from './types.ts';

/** Resources or UIDs that one statement looks at. */
const AT_ONCE = 500;
/** An identifier with a UID (http://hl7.org/fhir/R4/imagingstudy.html#imagingstudy-identifiers), in the text of JSON. */
const UID_VALUE = String.raw`"value"\s*:\s*"urn:oid:([0-9.]{3,64})"`;
/** They carry Study Instance UIDs: an order those of images to come. */
export const TYPES_WITH_STUDY_UIDS = ['ImagingStudy', 'ServiceRequest'] as const;

/** Finds the Study Instance UIDs of resources that are erased, and who else has them. */
export class StudyUidFinder {
  readonly #schema: string;
  readonly #index: IndexQuery;

  constructor(schema: string, index: IndexQuery) {
    this.#schema = schema;
    this.#index = index;
  }

  /** UIDs that are identifiers in any version of these resources; among them may be some that are of no study. */
  async carried(run: Run, type: string, rids: readonly string[]): Promise<string[]> {
    const t = tableNames(this.#schema, type);
    const uids = new Set<string>();
    for (const some of parts(rids, AT_ONCE)) {
      const { rows } = await run(
        once(
          `SELECT DISTINCT r.found[1] AS uid FROM ${t.resource} m
             CROSS JOIN LATERAL (SELECT m.content UNION ALL SELECT h.content FROM ${t.history} h WHERE h.self = m.self AND h.id = m.id) v(content)
             CROSS JOIN LATERAL regexp_matches(v.content, $2, 'g') r(found)
           WHERE m.rid = ANY ($1::bigint[]) AND strpos(v.content, 'urn:dicom:uid') > 0`,
          [int8Array(some), UID_VALUE],
        ),
      );
      for (const { uid } of rows as { uid: string }[]) uids.add(uid);
    }
    return [...uids];
  }

  /** Those that some ImagingStudy has now. The type has tables. */
  async inUse(run: Run, studyInstanceUids: readonly string[]): Promise<Set<string>> {
    const { resource } = tableNames(this.#schema, 'ImagingStudy');
    const used = new Set<string>();
    for (const some of parts(studyInstanceUids, AT_ONCE)) {
      const keys = some.flatMap((uid) => this.#keysOf(uid).map((key) => ({ uid, key })));
      const text = `SELECT DISTINCT k.uid FROM unnest($1::bigint[], $2::text[]) k(key, uid)
        WHERE EXISTS (SELECT FROM ${resource} m WHERE m.keys @> ARRAY[k.key] AND m.method <> 'D')`;
      const values = [int8Array(keys.map(({ key }) => key)), textArray(keys.map(({ uid }) => uid))];
      const { rows } = await run(once(text, values));
      for (const { uid } of rows as { uid: string }[]) used.add(uid);
    }
    return used;
  }

  /** Of ImagingStudies with the UID. */
  #keysOf(uid: string): Key[] {
    const token = { system: 'urn:dicom:uid', code: `urn:oid:${uid}` };
    return this.#index.tokenKeys('ImagingStudy', 'identifier', token);
  }
}
