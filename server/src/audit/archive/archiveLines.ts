import type { Resource } from '../../fhir/resource.ts';
import type { StoredAuditRow } from '../../store/audit/auditRow.ts';
import type { Checkpoint } from '../../store/audit/checkpointTable.ts';

/** A line of an archive: a checkpoint, before what it seals; or a record, with what it is in FHIR, for readers. */
export type ArchiveLine =
  { kind: 'checkpoint'; checkpoint: Checkpoint } | { kind: 'record'; row: StoredAuditRow; event?: Resource };

/** Text of a line, without its end. */
export function lineText(line: ArchiveLine): string {
  if (line.kind === 'record') {
    const { row, event } = line;
    return JSON.stringify({ record: { ...row, keys: row.keys.map(String) }, event });
  }
  const { leaves, chain, signature, ...rest } = line.checkpoint;
  const bytes = {
    leaves: leaves.toString('base64'),
    chain: chain.toString('base64'),
    signature: signature.toString('base64'),
  };
  return JSON.stringify({ checkpoint: { ...rest, ...bytes } });
}

type Written = {
  record?: Omit<StoredAuditRow, 'keys'> & { keys: string[] };
  checkpoint?: Record<'leaves' | 'chain' | 'signature', string> &
    Omit<Checkpoint, 'leaves' | 'chain' | 'signature'>;
};

/** @throws SyntaxError for what is no line of an archive */
export function readLine(text: string): ArchiveLine {
  const { record, checkpoint } = JSON.parse(text) as Written;
  if (record) return { kind: 'record', row: { ...record, keys: record.keys.map(BigInt) } };
  if (!checkpoint) throw new SyntaxError('neither a record nor a checkpoint');
  const bytes = (name: 'leaves' | 'chain' | 'signature') => Buffer.from(checkpoint[name], 'base64');
  return {
    kind: 'checkpoint',
    checkpoint: {
      ...checkpoint,
      leaves: bytes('leaves'),
      chain: bytes('chain'),
      signature: bytes('signature'),
    },
  };
}
