import { currencyCodes, currencyName } from '../../fhir/currencies.ts';
import type { JsonObject } from '../../fhir/resource.ts';

/** Codes that Unicode has for regions and ISO 3166-1 has not. */
const NO_COUNTRIES: ReadonlySet<string> = new Set('AC CP CQ DG EA EU EZ IC QO TA UN XA XB XK ZZ'.split(' '));

/** Countries and currencies, from Unicode's data in this program, by the URLs that FHIR knows them by. */
export const ISO_CODE_SYSTEMS: ReadonlyMap<string, (url: string) => JsonObject> = new Map([
  ['urn:iso:std:iso:3166', (url) => codeSystem(url, 'ISO3166', countries(), 'fragment')],
  ['urn:iso:std:iso:4217', (url) => codeSystem(url, 'ISO4217', currencies(), 'complete')],
]);

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

const currencies = (): JsonObject[] => currencyCodes().map((code) => ({ code, display: currencyName(code) }));
