/** Longest URL below the server's root, in characters. */
export const URL_CHARS_MAX = 8_000;
/** Largest form of a POST _search: room for 10,000 values of some 400 characters, percent-encoded. */
export const FORM_BYTES_MAX = 4 * 2 ** 20;
/** Pairs of a form that are read: a search takes far fewer, and refuses what has more. */
export const FORM_PAIRS_MAX = 1_000;
