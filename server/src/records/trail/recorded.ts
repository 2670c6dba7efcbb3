import type { AuditEventName } from '../../audit/events.ts';
import type { Write } from '../../store/resource/types.ts';
import type { Trail } from './trail.ts';

/**
 * The write with the rows of the audit log that it stores in its own transaction.
 *
 * @param trail absent: it is not recorded
 * @param before what a deletion deletes
 */
export function recorded<W extends Write>(
  trail: Trail | undefined,
  event: AuditEventName,
  write: W,
  before?: { content: string | null },
): W {
  if (trail === undefined) return write;
  const content = write.method === 'D' ? before?.content : write.content.tail;
  return { ...write, audit: trail.rows(event, write.type, write.id, content) };
}
