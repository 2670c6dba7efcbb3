import { fhirError } from '../fhir/outcome.ts';
import type { Reconciliation } from '../imaging/reconcile/reconciliation.ts';
import type { Operation, OperationAnswer } from './operation.ts';
import { referencedId } from './referencedId.ts';
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
      const patient = referencedId(parameters, 'patient', 'Patient', base);
      const order = referencedId(parameters, 'order', 'ServiceRequest', base);
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

const answer = ({ content }: { content: string }): OperationAnswer => ({ kind: 'resource', body: content });

const nothingNamed = () =>
  fhirError(
    'incorrect',
    'required',
    'Say whose the study is: patient takes a reference to a Patient, order one to a ServiceRequest.',
    'Parameters.parameter',
  );
