/** Decimal places of currencies that have other than two (ISO 4217, list one). */
const PLACES: Readonly<Record<string, number>> = {
  ...group(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...group(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...group(4, 'CLF UYW'),
};
const USUAL_PLACES = 2;

function group(places: number, codes: string): Record<string, number> {
  return Object.fromEntries(codes.split(' ').map((code) => [code, places]));
}

/** How many decimal places amounts in a currency have: 2 of USD, 0 of JPY, 3 of KWD. @param currency its code in ISO 4217 */
export function decimalPlaces(currency: string): number {
  return PLACES[currency] ?? USUAL_PLACES;
}
