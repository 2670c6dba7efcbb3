import type { Transaction } from '../postgres/transaction.ts';
import { tableNames } from '../schema/names.ts';
import type { VerifyReport } from './types.ts';

/** A signature that lacks bits of a key hides the resource from walks along the changes (index/keySignature.ts). One that is not there hides nothing. */
export async function verifySignatures(
  tx: Transaction,
  schema: string,
  type: string,
  report: VerifyReport,
): Promise<void> {
  const bits = (shift: number) => `coalesce(bit_or(1::bigint << ((k >> ${shift}) & 63)::integer), 0)`;
  const text = `SELECT m.id FROM ${tableNames(schema, type).resource} m
    JOIN "${schema}".changes c ON c.type = '${type}' AND c.rid = m.rid AND c.version = m.version
    CROSS JOIN LATERAL (SELECT ${bits(0)} AS a, ${bits(8)} AS b FROM unnest(m.keys) k) s
    WHERE m.method <> 'D' AND c.keys_a IS NOT NULL AND (c.keys_a <> s.a OR c.keys_b IS DISTINCT FROM s.b) ORDER BY m.id`;
  const { rows } = await tx.query({ name: '', text, values: [] });
  for (const { id } of rows as { id: string }[])
    report.differences.push({ type, id, where: 'signature', missing: 1, surplus: 0 });
}
