/** Unicode's names of currencies: those in use, withdrawn ones, funds, metals and `XXX` (ISO 4217, lists one and three). */
const NAMES = new Intl.DisplayNames('en', { type: 'currency', fallback: 'none' });
/** Of trade outside China, and of a bank; ISO has neither. */
const NOT_OF_ISO: ReadonlySet<string> = new Set(['CNH', 'CNX']);
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

/**
 * The English name of a code of ISO 4217; undefined: it is none. `Intl.supportedValuesOf` would leave out what is not in common use,
 * and that is another list in each release of ICU.
 */
export function currencyName(code: string): string | undefined {
  return /^[A-Z]{3}$/.test(code) && !NOT_OF_ISO.has(code) ? NAMES.of(code) : undefined;
}

/** Every code of ISO 4217, in the order of the alphabet: tries some 17,000, which takes 50 ms. */
export const currencyCodes = (): string[] =>
  LETTERS.flatMap((a) => LETTERS.flatMap((b) => LETTERS.map((c) => `${a}${b}${c}`))).filter(
    (code) => currencyName(code) !== undefined,
  );
