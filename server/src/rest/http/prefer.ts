/** `Prefer` (RFC 7240, http://hl7.org/fhir/R4/http.html#ops): preferences we do not know are ignored, as it says. */
export interface Preferences {
  return?: 'minimal' | 'representation' | 'OperationOutcome';
  handling?: 'strict' | 'lenient';
  /** The work may go on after the answer (http://hl7.org/fhir/R4/async.html). */
  respondAsync?: true;
}

const RETURNS = ['minimal', 'representation', 'OperationOutcome'] as const;
const HANDLINGS = ['strict', 'lenient'] as const;

/** Names are read in any case (RFC 7240 2), and so are values: no two of ours differ by it. */
export function preferences(header: string | string[] | undefined): Preferences {
  if (header === undefined) return {};
  const found: Preferences = {};
  for (const part of String(header).split(/[,;]/)) {
    const [name, value] = part
      .trim()
      .split('=')
      .map((text) => text.trim().replace(/^"|"$/g, '').toLowerCase());
    const wanted = RETURNS.find((known) => name === 'return' && known.toLowerCase() === value);
    const handling = HANDLINGS.find((known) => name === 'handling' && known === value);
    if (wanted !== undefined) found.return ??= wanted;
    if (handling !== undefined) found.handling ??= handling;
    if (name === 'respond-async') found.respondAsync = true;
  }
  return found;
}
