/** A URL in JSON text, also one in a narrative, without fragment and business version. */
const URL_IN_TEXT = /"((?:urn:|https?:)[^"\\#|\s]+)/gi;

/**
 * Whether resources of a Bundle refer to others of it by their `fullUrl`. An identifier that is a fullUrl as well counts
 * too: then the Bundle is taken to hang together.
 *
 * @param texts the resources in JSON
 */
export function refersByUrl(texts: readonly string[], fullUrls: readonly unknown[]): boolean {
  const urls = new Set(fullUrls.filter((url) => typeof url === 'string'));
  return urls.size > 0 && texts.some((text) => hasOneOf(urls, text));
}

function hasOneOf(urls: ReadonlySet<string>, text: string): boolean {
  for (const [, url] of text.matchAll(URL_IN_TEXT))
    if (urls.has(url!.split('/_history/', 1)[0]!)) return true;
  return false;
}
