import { isId } from '../fhir/id.ts';
import { fhirError } from '../fhir/outcome.ts';
import type { Reconciliation } from '../imaging/reconcile/reconciliation.ts';
import type { Operation, OperationAnswer } from './operation.ts';
import type { OperationParameters } from './parameters.ts';
import { acceptOnly } from './values.ts';

const DEFINITION = 'https://maxray.example/fhir/OperationDefinition/';

/**
 * `POST ImagingStudy/[id]/$resolve` with `patient`, `order` or both says whose a study is, `POST ImagingStudy/[id]/$unresolve` takes that back. Both answer the
 * study.
 */
export function reconcileOperations(reconciliation: Reconciliation, base: string): Operation[] {
  const operation = (name: string, run: Operation['run']): Operation => ({
    name,
    definition: `${DEFINITION}${name}`,
    levels: ['instance'],
    types: ['ImagingStudy'],
    affectsState: true,
    run,
  });
  return [
    operation('resolve', async ({ caller, id, parameters }) => {
      acceptOnly(parameters, 'resolve', ['patient', 'order']);
      const patient = referenced(parameters, 'patient', 'Patient', base);
      const order = referenced(parameters, 'order', 'ServiceRequest', base);
      if (patient === undefined && order === undefined) throw nothingNamed();
      const wanted = { ...(patient !== undefined && { patient }), ...(order !== undefined && { order }) };
      return answer(await reconciliation.resolve(caller, id!, wanted));
    }),
    operation('unresolve', async ({ caller, id, parameters }) => {
      acceptOnly(parameters, 'unresolve', []);
      return answer(await reconciliation.unresolve(caller, id!));
    }),
  ];
}

/** Id of what a parameter refers to: a Reference, or its text. @throws FhirError `incorrect` */
function referenced(
  parameters: OperationParameters,
  name: string,
  type: string,
  base: string,
): string | undefined {
  const [parameter, ...others] = parameters.named(name);
  if (parameter === undefined) return undefined;
  const text = parameter.text ?? (parameter.value as { reference?: unknown } | undefined)?.reference;
  const relative = String(text).replace(`${base}/`, '');
  const [named, id = '', ...rest] = relative.split('/');
  if (others.length === 0 && named === type && isId(id) && rest.length === 0) return id;
  const what = `The parameter ${name} takes one reference to a ${type} of this server, such as ${type}/1.`;
  throw fhirError('incorrect', 'value', what, `Parameters.parameter.where(name = '${name}')`);
}

const answer = ({ content }: { content: string }): OperationAnswer => ({ kind: 'resource', body: content });

const nothingNamed = () =>
  fhirError(
    'incorrect',
    'required',
    'Say whose the study is: patient takes a reference to a Patient, order one to a ServiceRequest.',
    'Parameters.parameter',
  );
