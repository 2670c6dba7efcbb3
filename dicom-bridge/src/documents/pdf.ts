/** Of one document: it is read whole. */
export const PDF_BYTES_MAX = 32 * 2 ** 20;

const MAGIC = Buffer.from('%PDF-', 'latin1');

/** By what it begins with (ISO 32000-1, 7.5.2), whatever it is called. */
export const isPdf = (file: Buffer): boolean => file.subarray(0, MAGIC.length).equals(MAGIC);
