import { fhirError } from '../../fhir/outcome.ts';
import type { ErasedStudies } from '../../store/erasure/erasedStudies.ts';
import type { QueryResult, Statement } from '../../store/postgres/database.ts';
import { studyUidsOf } from '../studies/studyUids.ts';
import type { TransactionPlan } from './plan.ts';
import { expressionOf, type TransactionOperation } from './types.ts';

const TYPE = 'ImagingStudy';

/**
 * Refuses ImagingStudies of studies whose patient was erased, as long as their images are not: whoever had read patient or order before would bring
 * them back. To be asked after the writes: from the first of them on, an erasure waits for this transaction, or has ended.
 *
 * @throws FhirError `conflict`
 */
export async function requireNotErased(
  erased: ErasedStudies,
  operations: readonly TransactionOperation[],
  { writes, patched }: TransactionPlan,
  run: (statement: Statement) => Promise<QueryResult>,
): Promise<void> {
  const written = writes.flatMap(({ operation: i, write }) => {
    if (write.type !== TYPE || write.method === 'D') return [];
    const operation = operations[i]!;
    const resource = 'resource' in operation ? operation.resource : patched.get(i)?.resource;
    const at = expressionOf(operation, 'resource') ?? TYPE;
    return resource ? studyUidsOf(resource.value).map((one) => ({ ...one, at })) : [];
  });
  if (written.length === 0) return;
  const gone = await erased.among(
    run,
    written.map(({ uid }) => uid),
  );
  const first = written.find(({ uid }) => gone.has(uid));
  if (first) throw beingErased(`${first.at}.identifier[${first.position}].value`);
}

const beingErased = (expression: string) =>
  fhirError(
    'conflict',
    'conflict',
    'The images of this study are being erased, with their patient: send it when that is done, as $dicom-status tells.',
    expression,
  );
