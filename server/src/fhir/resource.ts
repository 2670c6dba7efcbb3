/** A parsed JSON object. */
export type JsonObject = { [name: string]: unknown };

/** A FHIR resource as parsed from JSON; `id` and `meta` as they stand in the content. */
export interface Resource extends JsonObject {
  resourceType: string;
  id?: string;
  meta?: JsonObject;
}
