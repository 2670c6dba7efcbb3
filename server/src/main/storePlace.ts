import { FHIR_BASE_PATH } from '../rest/handler.ts';

/** Which store it is, and where it is served. */
export interface StorePlace {
  /** PostgreSQL schema. */
  schema: string;
  /** Absolute URL without a slash at its end, below which it is served: its issuer. */
  root: string;
  /** Absolute URL of the FHIR base. */
  fhirBase: string;
  /** What its cursors, cookies and secrets are sealed with. */
  key: Uint8Array;
}

export const storePlace = (schema: string, root: string, key: Uint8Array): StorePlace => ({
  schema,
  root,
  fhirBase: `${root}${FHIR_BASE_PATH}`,
  key,
});
