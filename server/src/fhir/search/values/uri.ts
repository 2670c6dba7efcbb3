import { ValueFault } from '../faults.ts';
import { unescapeValue } from '../split.ts';

/** A URI as it stands in the resource (http://hl7.org/fhir/R4/search.html#uri). @throws ValueFault */
export function parseUri(text: string): string {
  const uri = unescapeValue(text);
  if (/\s/.test(uri)) throw new ValueFault('is no URI: it has white space, which is %20 within a URI.');
  return uri;
}

/** For `:above` and `:below`: only URLs have a hierarchy. @throws ValueFault */
export function parseUrl(text: string): string {
  const uri = parseUri(text);
  if (/^urn:/i.test(uri)) {
    throw new ValueFault('is a URN, and those have no hierarchy: :above and :below take URLs.');
  }
  return uri;
}
