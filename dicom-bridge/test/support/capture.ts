import type { Bundle, Device, Patient, Reference, ServiceRequest, Task } from '@medplum/fhirtypes';
import { orderOf } from './orders.ts';

const CAPTURE_TASK = 'https://maxray.example/fhir/StructureDefinition/maxray-capture-task';
const NEW_ORDER = 'urn:uuid:1f0e7c4e-5b5f-4c39-9a77-7d6a9a2e6a10';

/** Whom an X-ray unit is asked for images by, and of whom. */
export interface Asked {
  patient: Patient;
  requester: Reference;
  unit: Device;
}

/** The order to a unit to take the images of an order. */
export const captureOf = (focus: string, { patient, requester, unit }: Asked): Task => ({
  resourceType: 'Task',
  meta: { profile: [CAPTURE_TASK] },
  status: 'requested',
  intent: 'order',
  code: {
    coding: [
      { system: 'https://maxray.example/fhir/CodeSystem/maxray-imaging-task', code: 'capture-images' },
    ],
  },
  focus: { reference: focus },
  for: { reference: `Patient/${patient.id}` },
  authoredOn: '2026-12-01T23:05:00Z',
  requester: requester as Task['requester'],
  owner: { reference: `Device/${unit.id}` },
});

/** An order, and the order to the unit, in one transaction. */
export function captureBundle(asked: Asked): Bundle<ServiceRequest | Task> {
  const order = orderOf(asked.patient, { requester: asked.requester as ServiceRequest['requester'] });
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { fullUrl: NEW_ORDER, resource: order, request: { method: 'POST', url: 'ServiceRequest' } },
      { resource: captureOf(NEW_ORDER, asked), request: { method: 'POST', url: 'Task' } },
    ],
  };
}
