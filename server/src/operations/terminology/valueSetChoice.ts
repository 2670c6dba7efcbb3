import type { JsonObject } from '../../fhir/resource.ts';
import type { QuestionContext, TerminologyRecords } from '../../records/terminology.ts';
import type { OperationRequest } from '../operation.ts';
import { isObject } from './context.ts';

/** The value set that is asked about: of the URL's instance, sent along (`valueSet`), or by its canonical (`url`). */
export async function chosenValueSet(
  terminology: TerminologyRecords,
  { caller, id, parameters }: OperationRequest,
  context: QuestionContext,
): Promise<JsonObject | undefined> {
  if (id !== undefined) return terminology.resource(caller, 'ValueSet', id);
  const sent = [...parameters.named('valueSet'), ...parameters.named('resource')].find(
    ({ resource }) => resource?.value.resourceType === 'ValueSet',
  );
  if (sent?.resource) return sent.resource.value;
  const [canonical] = [parameters.text('url'), ...parameters.texts('valueSet').slice(0, 1)].filter(
    (text) => text !== undefined,
  );
  if (canonical === undefined) return undefined;
  const version = parameters.text('valueSetVersion');
  const text = version === undefined || canonical.includes('|') ? canonical : `${canonical}|${version}`;
  const found = await terminology.valueSet(caller, text, context);
  return isObject(found) ? found : undefined;
}
