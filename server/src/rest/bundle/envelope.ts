import { FhirError } from '../../fhir/outcome.ts';
import type { JsonObject, Resource } from '../../fhir/resource.ts';
import type { Records } from '../../records/records.ts';

type Validating = Pick<Records, 'validate'>;

/**
 * Checks a batch without its entries, which are checked one by one.
 *
 * @throws FhirError `incorrect`
 */
export async function checkEnvelope(records: Validating, bundle: Resource): Promise<void> {
  const { entry, ...others } = bundle;
  const isEmpty = Array.isArray(entry) && entry.length === 0;
  await refuseFaults(records, isEmpty ? bundle : others);
}

/**
 * Checks an entry of a batch without its resource, which is checked when it is written: as the only entry of a Bundle, since one that is
 * faulty does not touch the others.
 *
 * @throws FhirError `incorrect`
 */
export async function checkEntryEnvelope(
  records: Validating,
  index: number,
  entry: JsonObject,
): Promise<void> {
  const { resource, ...others } = entry;
  const isResource = typeof resource === 'object' && resource !== null && !Array.isArray(resource);
  const bundle = { resourceType: 'Bundle', type: 'batch', entry: [isResource ? others : entry] };
  await refuseFaults(records, bundle, (expression) =>
    expression.replace(/^Bundle(\.entry\[0\])?/, `Bundle.entry[${index}]`),
  );
}

async function refuseFaults(
  records: Validating,
  bundle: Resource,
  placed = (expression: string) => expression,
): Promise<void> {
  const issues = await records.validate(bundle, { mode: 'base' });
  const errors = issues.filter(({ severity }) => severity === 'error' || severity === 'fatal');
  if (errors.length === 0) return;
  throw new FhirError(
    'incorrect',
    errors.map((issue) =>
      issue.expression ? { ...issue, expression: issue.expression.map(placed) } : issue,
    ),
  );
}
