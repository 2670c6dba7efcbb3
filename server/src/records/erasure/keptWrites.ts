import { anonymised } from '../../fhir/links/anonymise.ts';
import type { NamedHere } from '../../fhir/links/namedHere.ts';
import { parseExact } from '../../fhir/json/parse.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { FoundRow } from '../../store/erasure/types.ts';
import type { Indexer } from '../../store/index/rows.ts';
import { contentParts } from '../../store/resource/content.ts';
import type { PutWrite } from '../../store/resource/types.ts';
import { recorded } from '../trail/recorded.ts';
import type { Trail } from '../trail/trail.ts';
import { withoutTexts } from './auditContent.ts';

export interface KeptParts {
  indexer: Indexer;
  named: NamedHere;
  isErased: (name: string) => boolean;
  trail: Trail | undefined;
}

/** The next version of a resource that stays: without what named the erased. It is not validated: what was there is not judged anew. */
export function keptWrite(parts: KeptParts, type: string, row: FoundRow): PutWrite {
  const clean = (resource: Resource): Resource =>
    type === 'AuditEvent' ? withoutTexts(resource) : anonymised(resource, parts.named, parts.isErased);
  const value = clean(JSON.parse(row.content!) as Resource);
  const exact = clean(parseExact(row.content!) as Resource);
  const { revision } = parts.indexer;
  const write: PutWrite = {
    method: 'U',
    type,
    id: row.id,
    expectedVersion: row.version,
    content: contentParts(exact, row.id),
    index: parts.indexer.index(value),
    ...(revision !== undefined && { planRevision: revision }),
  };
  return recorded(parts.trail, 'update', write);
}
