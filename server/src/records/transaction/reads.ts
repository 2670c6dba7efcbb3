import { fhirError } from '../../fhir/outcome.ts';
import type { TransactionView } from '../../store/conditional/transactionView.ts';
import type { TransactionGate } from '../gate/transactionGate.ts';
import { versionNumber } from '../../store/resource/versionNumber.ts';
import { atEntryAwaited } from './atEntry.ts';
import type { FittingVersion } from '../../store/resource/transactionReader.ts';
import type { StoredVersion } from '../../store/resource/types.ts';
import { live, versionNamed } from '../liveVersion.ts';
import { expressionOf, type ReadOperation, type TransactionOperation } from './types.ts';

/** Characters that the reads of one transaction may bring together. */
const READ_CHARS_MAX = 32 * 2 ** 20;

/** No version has this number. */
const NO_VERSION = 0;

type Found = StoredVersion & { content: string };

/**
 * What the read entries of a transaction see: all of one moment, with what the transaction has written itself.
 *
 * @throws FhirError `not-found`, `gone`, `too-large`: then the transaction fails as a whole
 */
export async function readEntries(
  operations: readonly TransactionOperation[],
  view: TransactionView,
  gate: TransactionGate | undefined,
): Promise<Map<number, Found>> {
  const entries = [...operations.entries()].filter(isRead);
  const current = entries.filter(([, { versionId }]) => versionId === undefined);
  const names = new Map(current.map(([, { type, id }]) => [`${type}/${id}`, { type, id }]));
  const versions = names.size === 0 ? [] : await view.readAll([...names.values()]);
  const byName = new Map(versions.map((version) => [`${version.type}/${version.id}`, version]));
  const found = new Map<number, Found>();
  let chars = 0;
  for (const [i, operation] of entries) {
    const { type, id, versionId } = operation;
    const one =
      versionId === undefined
        ? fitting(operation, byName.get(`${type}/${id}`))
        : await view.readVersion({ type, id }, versionNumber(versionId) ?? NO_VERSION);
    const interaction = versionId === undefined ? 'read' : 'vread';
    const seen = async () => (gate ? gate.seen(interaction, type, id, one) : live(type, id, one));
    const version = await atEntryAwaited(expressionOf(operation, 'request.url'), () =>
      versionId === undefined ? seen() : versionNamed(type, id, versionId, seen()),
    );
    chars += version.content.length;
    if (chars > READ_CHARS_MAX) throw tooLarge(operation);
    found.set(i, version);
  }
  return found;
}

const isRead = (entry: [number, TransactionOperation]): entry is [number, ReadOperation] =>
  entry[1].kind === 'read';

function fitting(operation: ReadOperation, version: FittingVersion | undefined): StoredVersion | undefined {
  if (version === undefined || version.fits || version.method === 'D') return version;
  throw tooLarge(operation);
}

const tooLarge = (operation: ReadOperation) =>
  fhirError(
    'too-large',
    'too-costly',
    'The transaction reads too much for one answer: read this entry by a request of its own. Nothing was changed.',
    expressionOf(operation, 'request.url'),
  );
