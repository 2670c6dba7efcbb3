import type { MedplumClient } from '@medplum/core';
import type { Endpoint, Reference } from '@medplum/fhirtypes';

/** The Endpoint that the server makes of its own DICOMweb service. */
const ENDPOINT_ID = 'maxray-dicomweb';
/** It is asked for again after so long: somebody may have deleted it. */
const KNOWN_MS = 60_000;

/** Where images of studies are fetched, as ImagingStudies name it. */
export class DicomwebEndpoint {
  #known: { reference: Reference<Endpoint> | undefined; untilMs: number } | undefined;

  /** @returns undefined where the server has none, or it is switched off @throws what a request of the client rejects with */
  async find(medplum: MedplumClient): Promise<Reference<Endpoint> | undefined> {
    if (!this.#known || this.#known.untilMs < Date.now()) {
      const query = { _id: ENDPOINT_ID, status: 'active' };
      const found = await medplum.searchOne('Endpoint', query, { cache: 'reload' });
      const reference = found && { reference: `Endpoint/${found.id}` };
      this.#known = { reference, untilMs: Date.now() + KNOWN_MS };
    }
    return this.#known.reference;
  }
}
