import { fhirError } from '../../fhir/outcome.ts';

/** Headers of a notification that its subscriber may choose. */
export const HEADERS_MAX = 20;
const LINE = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*([\x20-\x7e\t]*)$/;
/** They say how the message is framed, where it goes, or what the server itself vouches for. */
const OURS = new Set(
  'connection content-encoding content-length content-type date expect host idempotency-key keep-alive proxy-authorization te trailer transfer-encoding upgrade x-signature'.split(
    ' ',
  ),
);

/** Subscription.channel.header: `Authorization: Bearer secret-token`. @throws FhirError `incorrect` that names the element */
export function readHeaders(lines: unknown): [name: string, value: string][] {
  if (!Array.isArray(lines)) return [];
  if (lines.length > HEADERS_MAX) throw refused(`At most ${HEADERS_MAX} headers are taken.`, 0);
  return (lines as string[]).map((line, i) => {
    const [, name, value] = LINE.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw refused("A header must be one line, 'Name: value', in ASCII.", i);
    if (OURS.has(name.toLowerCase()) || name.toLowerCase().startsWith('x-maxray-'))
      throw refused(`The server sets the header ${name} itself: leave it out.`, i);
    return [name, value.trim()];
  });
}

const refused = (text: string, i: number) =>
  fhirError('incorrect', 'value', text, `Subscription.channel.header[${i}]`);
