/** url (`Type/id`), content, and whether it is a match. */
export type FloorRow = readonly [url: string, content: string, isMatch: boolean];

const BASE = 'http://127.0.0.1:8103/fhir/R4/';

/** The least that is a searchset: stored texts, each with its address and why it is there. */
export const searchsetText = (rows: readonly FloorRow[]): string => {
  let entries = '';
  for (const [url, content, isMatch] of rows) {
    const mode = isMatch ? 'match' : 'include';
    entries += `${entries === '' ? '' : ','}{"fullUrl":"${BASE}${url}","resource":${content},"search":{"mode":"${mode}"}}`;
  }
  return entries === ''
    ? '{"resourceType":"Bundle","type":"searchset"}'
    : `{"resourceType":"Bundle","type":"searchset","entry":[${entries}]}`;
};
