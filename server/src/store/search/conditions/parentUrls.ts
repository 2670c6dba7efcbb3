/** A URL has no more segments than this; what is above them is not looked for. */
export const URL_SEGMENTS_MAX = 200;
/** Nor is one above another longer: each is hashed, which would else come to the square of its length. */
export const PARENT_URL_CHARS_MAX = 2_000;

/**
 * A URL and those above it, for `:above` (http://hl7.org/fhir/R4/search.html#uri): what is left of it at the end of each
 * segment of its path, with and without the slash.
 */
export function parentUrls(url: string): string[] {
  const found = [url];
  const authority = /^[A-Za-z][\w+.-]*:\/\//.exec(url)?.[0].length ?? 0;
  let end = Math.min(url.length, PARENT_URL_CHARS_MAX);
  for (let i = 0; i < URL_SEGMENTS_MAX; i++) {
    end = url.lastIndexOf('/', end - 1);
    if (end < authority || end <= 0) break;
    found.push(url.slice(0, end + 1), url.slice(0, end));
  }
  return [...new Set(found)];
}
