const MEMBER = '"reference":"';
const PATIENT = 'Patient/';
/** An id, where a reference, a version or a fragment goes on behind it. */
const ID = /[A-Za-z0-9\-.]{1,64}(?=["/#|])/y;

/**
 * Adds the ids of the patients that a resource refers to: relative and absolute references, with versions or without. Looks at the
 * text, which is compact JSON: every read passes here, and parsing takes many times longer.
 *
 * @param content text as it is stored
 * @param base absolute URL of the FHIR base
 */
export function addPatientsIn(content: string, base: string, ids: Set<string>): void {
  for (let at = content.indexOf(PATIENT); at >= 0; at = content.indexOf(PATIENT, at + PATIENT.length)) {
    const isAbsolute = content[at - 1] === '/' && content.startsWith(base, at - 1 - base.length);
    const start = isAbsolute ? at - 1 - base.length : at;
    if (!content.startsWith(MEMBER, start - MEMBER.length)) continue;
    ID.lastIndex = at + PATIENT.length;
    const [id] = ID.exec(content) ?? [];
    if (id !== undefined) ids.add(id);
  }
}
