import { FhirError } from '../fhir/outcome.ts';
import type { DeliveryFigures } from '../store/outbox/deliveryFigures.ts';
import { bridgeMetrics } from './dicom/bridgeMetrics.ts';
import { eventMetrics } from './eventMetrics.ts';
import type { Machine } from './machine.ts';

/** Of the main store. */
export interface MeasuredOutbox {
  deliveries: { figures(): Promise<DeliveryFigures> };
}

/** Those of the process, of events, and of its DICOM bridge where it has one. */
export const allMetrics = (
  { metrics: { registry }, dicomBridge }: Pick<Machine, 'metrics' | 'dicomBridge'>,
  { deliveries }: MeasuredOutbox,
) => ({
  contentType: registry.contentType,
  metrics: async () => {
    const [own, figures, ofBridge] = await Promise.all([
      registry.metrics(),
      deliveries.figures().catch(unlessAway),
      dicomBridge === undefined ? '' : bridgeMetrics(dicomBridge.client),
    ]);
    return own + eventMetrics(figures) + ofBridge;
  },
});

/** While the database is away, the process's own are wanted all the more; /readyz tells of that. */
function unlessAway(error: unknown): undefined {
  if (!(error instanceof FhirError && error.category === 'busy')) throw error;
}
