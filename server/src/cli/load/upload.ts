/** One request to the server. */
export interface Upload {
  /** The file that it comes from, and the lines where it is a part of it. */
  name: string;
  method: 'POST' | 'PUT';
  /** Below the FHIR base; empty for a transaction or batch. */
  path: string;
  body: Buffer;
  /** Resources that it stores when all goes well. */
  resources: number;
  /**
   * True when sending it twice leaves the server as sending it once does: every write in it is an update at a known
   * id, a delete, or a create under a condition. A plain create is not, and an update with If-Match is not either.
   */
  repeatable: boolean;
  /** For a batch, whose answer tells of each entry: what to call them. */
  entryNames?: (index: number) => string;
  /** To be sent in its place when the server refuses it as a whole, so that the faulty entry is found. */
  instead?: () => Upload;
}

/** Something that cannot be sent, and why. */
export interface Problem {
  name: string;
  problem: string;
}

/** A found file that is not FHIR data, e.g. `package.json`. */
export interface Skipped {
  name: string;
  skipped: true;
}

interface EntryRequest {
  method?: unknown;
  ifMatch?: unknown;
  ifNoneExist?: unknown;
}

/** Whether an entry of a transaction or batch may be sent twice (see `Upload.repeatable`). */
export function isRepeatable(request: EntryRequest | undefined): boolean {
  switch (request?.method) {
    case 'GET':
    case 'HEAD':
      return true;
    case 'PUT':
    case 'DELETE':
      return request.ifMatch === undefined;
    case 'POST':
      return request.ifNoneExist !== undefined;
    default:
      return false;
  }
}

/** `{"resourceType":"Bundle",...}` of entries that are JSON text already: no number passes through a parser. */
export function bundleText(type: 'transaction' | 'batch', entries: readonly string[]): Buffer {
  return Buffer.from(`{"resourceType":"Bundle","type":"${type}","entry":[${entries.join(',')}]}`);
}

/** An entry that puts a resource at its id, or creates it where it has none. */
export function entryText(resource: string, type: string, id: string | undefined, fullUrl?: unknown): string {
  const request = id === undefined ? { method: 'POST', url: type } : { method: 'PUT', url: `${type}/${id}` };
  const url = typeof fullUrl === 'string' ? `"fullUrl":${JSON.stringify(fullUrl)},` : '';
  return `{${url}"resource":${resource},"request":${JSON.stringify(request)}}`;
}
