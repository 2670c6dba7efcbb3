/** What one search may ask for. Beyond it the answer is 400 with the issue code `too-costly`, which names the limit. */

/** Page size when the client names none. */
export const COUNT_DEFAULT = 20;
/** Largest page; a larger `_count` is cut to it (http://hl7.org/fhir/R4/search.html#count). */
export const COUNT_MAX = 1000;
/** Most parameters in one query. */
export const PARAMETERS_MAX = 50;
/** Most alternatives (`a,b,c`) of one parameter. */
export const VALUES_MAX = 10_000;
/** Most steps (chained references and `_has`) from the type searched to the type tested. */
export const CHAIN_STEPS_MAX = 12;
/** Most tests that one chained parameter comes to, counted over all types that its references may lead to. */
export const CHAIN_BRANCHES_MAX = 500;
/** Most tests that a whole query comes to, counted on each type that it searches. */
export const QUERY_TESTS_MAX = 10_000;
/** Most keys of `_sort`. */
export const SORT_KEYS_MAX = 10;
/** Most `_include` and `_revinclude` together. */
export const INCLUDES_MAX = 20;
/** Most names in `_elements`. */
export const ELEMENTS_MAX = 100;
/** Longest `_filter`, in UTF-16 code units. */
export const FILTER_CHARS_MAX = 10_000;
/** Deepest nesting of parentheses and brackets in a `_filter`. */
export const FILTER_DEPTH_MAX = 20;
/** Most tests (`path operator value`) in a `_filter`. */
export const FILTER_TESTS_MAX = 100;
/** Most words and phrases in one value of `_text` or `_content`. */
export const TEXT_TERMS_MAX = 100;
/** Deepest nesting of brackets and negations in one. */
export const TEXT_DEPTH_MAX = 20;
/** Longest number, in characters: more digits than this are noise. */
export const NUMBER_CHARS_MAX = 64;
/** How far `near` looks when the value names no distance, in metres. */
export const NEAR_DISTANCE_DEFAULT_M = 50_000;
