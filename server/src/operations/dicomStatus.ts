import { fhirError } from '../fhir/outcome.ts';
import type { BridgeClient } from '../imaging/bridge/bridgeClient.ts';
import { bridgeFhirError } from '../imaging/bridge/bridgeFhirError.ts';
import type { Operation } from './operation.ts';
import { acceptOnly } from './values.ts';

/** A person waits for the answer. */
const TIMEOUT_MS = 10_000;

/** Studies of erased patients whose images are not gone yet: all of them, and those of which the last attempt failed. */
export interface ErasureCounts {
  counts(): Promise<{ waiting: number; failing: number }>;
}

/**
 * `GET [base]/$dicom-status`, of the main store: what the DICOM bridge counts, as JSON, and in `erasedStudies` what the server still has to have removed; for
 * administrators. It holds no patient data.
 */
export function dicomStatusOperation(
  bridge: Pick<BridgeClient, 'status'>,
  erasure: ErasureCounts,
): Operation {
  return {
    name: 'dicom-status',
    definition: 'https://maxray.example/fhir/OperationDefinition/dicom-status',
    levels: ['system'],
    affectsState: false,
    run: async ({ caller, parameters }) => {
      acceptOnly(parameters, 'dicom-status', []);
      if (!caller.isAdministrator)
        throw fhirError('forbidden', 'forbidden', 'Only administrators see the state of the DICOM bridge.');
      try {
        const status = await bridge.status({ signal: AbortSignal.timeout(TIMEOUT_MS) });
        const body = JSON.stringify({ ...status, erasedStudies: await erasure.counts() });
        return { kind: 'raw', contentType: 'application/json', body };
      } catch (error) {
        throw bridgeFhirError(error);
      }
    },
  };
}
