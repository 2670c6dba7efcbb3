import type { JsonObject } from '../../fhir/resource.ts';

/** Codes that Unicode has for regions and ISO 3166-1 has not. */
const NO_COUNTRIES: ReadonlySet<string> = new Set('AC CP CQ DG EA EU EZ IC QO TA UN XA XB XK ZZ'.split(' '));

/** Countries and currencies, from Unicode's data in this program, as the code systems that FHIR knows them by. */
export const isoCodeSystems = (): JsonObject[] => [
  codeSystem('urn:iso:std:iso:3166', 'ISO3166', countries(), 'fragment'),
  codeSystem('urn:iso:std:iso:4217', 'ISO4217', currencies(), 'complete'),
];

function codeSystem(url: string, name: string, concept: JsonObject[], content: string): JsonObject {
  const facts = { url, name, status: 'active', language: 'en', caseSensitive: true, content };
  return { resourceType: 'CodeSystem', ...facts, concept };
}

/** The two-letter codes; the other two forms are not in the data, which makes it a fragment. */
function countries(): JsonObject[] {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  return letters
    .flatMap((first) => letters.map((second) => `${first}${second}`))
    .filter((code) => !NO_COUNTRIES.has(code))
    .flatMap((code) => {
      const display = names.of(code);
      // Withdrawn codes are given the name of what came after them.
      const isCurrent = display !== undefined && new Intl.Locale(`und-${code}`).region === code;
      return isCurrent ? [{ code, display }] : [];
    });
}

function currencies(): JsonObject[] {
  const names = new Intl.DisplayNames('en', { type: 'currency', fallback: 'none' });
  return Intl.supportedValuesOf('currency').map((code) => ({ code, display: names.of(code) ?? code }));
}
