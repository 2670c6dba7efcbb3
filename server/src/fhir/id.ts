/** http://hl7.org/fhir/R4/datatypes.html#id */
const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** True for a text that may be a resource's logical id or a version id. */
export function isId(text: string): boolean {
  return ID.test(text);
}
