import type { BlobStore } from '../store/blob/blobStore.ts';
import type { Database } from '../store/postgres/database.ts';
import { FHIR_BASE_PATH } from '../rest/handler.ts';

/** Which store it is, and where it is served. */
export interface StorePlace {
  /** Absent: the main store. */
  tenant?: string;
  /** PostgreSQL schema. */
  schema: string;
  database: Database;
  /** Absolute URL without a slash at its end, below which it is served: its issuer. */
  root: string;
  /** Absolute URL of the FHIR base. */
  fhirBase: string;
  /** What its cursors, cookies and secrets are sealed with. */
  key: Uint8Array;
  /** Where it keeps files. */
  dataDir: string;
  blobs: BlobStore;
}

export const storePlace = (place: Omit<StorePlace, 'fhirBase'>): StorePlace => ({
  ...place,
  fhirBase: `${place.root}${FHIR_BASE_PATH}`,
});
