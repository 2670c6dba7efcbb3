import type { Arm } from './arm.ts';
import type { Source } from './drivers.ts';
import type { Part } from '../plan/facts.ts';
import { prefixRids } from './prefixRids.ts';

/** The resources with a text that begins so, each once, by row id. */
export function prefixSource({ context }: Arm, { prefixes }: Part): Source {
  // DISTINCT ON, unlike DISTINCT, leaves the rows in order.
  const rids = `SELECT DISTINCT ON (s.rid) s.rid FROM (${prefixRids(context, prefixes!)}) s ORDER BY s.rid`;
  return { from: `(${rids}) d`, rid: 'd.rid', where: [], rows: [] };
}
