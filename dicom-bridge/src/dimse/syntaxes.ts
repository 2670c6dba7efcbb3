/** SOP classes and transfer syntaxes that the bridge takes part in (PS3.6 annex A). */

export const VERIFICATION = '1.2.840.10008.1.1';

/** Storage SOP classes of the standard stand below this. */
const STORAGE_ROOT = '1.2.840.10008.5.1.4.1.1.';
const TRANSFER_SYNTAX_ROOT = '1.2.840.10008.1.2';
/** Syntaxes whose objects are not whole by themselves, or are no data sets: JPIP, MIME, XML, SMPTE ST 2110. */
const NOT_STORED = /^1\.2\.840\.10008\.1\.2\.(?:4\.9[45]|6\.|7\.|4\.20[45]$)/;
/** In which messages without pixels are spoken: explicit and implicit little endian. */
export const PLAIN_SYNTAXES: readonly string[] = ['1.2.840.10008.1.2.1', '1.2.840.10008.1.2'];

export const isStorage = (sopClassUid: string): boolean => sopClassUid.startsWith(STORAGE_ROOT);

/**
 * The transfer syntax to accept of those proposed for a storage SOP class, which is the first one that can be: what the sender likes best comes as
 * it is.
 *
 * @returns undefined for none
 */
export const storedSyntax = (proposed: readonly string[]): string | undefined => proposed.find(isStorable);

/** The same for services without pixels. */
export const plainSyntax = (proposed: readonly string[]): string | undefined =>
  proposed.find((one) => PLAIN_SYNTAXES.includes(one));

const isStorable = (uid: string): boolean =>
  (uid === TRANSFER_SYNTAX_ROOT || uid.startsWith(`${TRANSFER_SYNTAX_ROOT}.`)) && !NOT_STORED.test(uid);
