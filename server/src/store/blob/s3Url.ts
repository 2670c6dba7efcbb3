/** Where blobs are in an S3 store. */
export interface S3Place {
  /** URL of the bucket, ending in `/`. */
  base: URL;
  /** Before every key; empty, or ending in `/`. */
  prefix: string;
  region: string;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Segments of characters that S3 calls safe, so that no part of the URL needs escaping twice. */
const PREFIX = /^(?:[A-Za-z0-9!_.*'()-]+\/)*$/;
const REGION = /^[a-z0-9-]{1,64}$/;
const PARAMETERS = ['endpoint', 'region'];

/**
 * Reads `s3://bucket/prefix?endpoint=URL&region=NAME`. Without an endpoint it is Amazon's, virtual-host style;
 * with one it is path-style, as the S3 stores of others want it.
 * @throws Error that says what is wrong, made for the start's message.
 */
export function parseS3Url(text: string): S3Place {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const bucket = url?.host ?? '';
  if (url === undefined || !BUCKET.test(bucket)) {
    throw new Error('BLOB_URL: s3: needs a bucket, for example s3://maxray/blobs?region=eu-central-1');
  }
  const unknown = [...url.searchParams.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) throw new Error(`BLOB_URL: s3: takes endpoint and region, not "${unknown}"`);

  const path = url.pathname.replace(/^\/|\/$/g, '');
  const prefix = path === '' ? '' : `${path}/`;
  if (!PREFIX.test(prefix) || /(?:^|\/)\.{1,2}\//.test(prefix)) {
    throw new Error(
      'BLOB_URL: the prefix takes letters, digits and - _ . ! * \' ( ), in segments parted by "/"',
    );
  }
  const region = url.searchParams.get('region') ?? 'us-east-1';
  if (!REGION.test(region)) throw new Error('BLOB_URL: region takes a name such as eu-central-1');
  const endpoint = url.searchParams.get('endpoint');
  return { base: baseOf(bucket, region, endpoint), prefix, region };
}

function baseOf(bucket: string, region: string, endpoint: string | null): URL {
  if (endpoint === null) return new URL(`https://${bucket}.s3.${region}.amazonaws.com/`);
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.username !== '') {
    throw new Error('BLOB_URL: endpoint takes an http: or https: URL, for example http://127.0.0.1:9000');
  }
  return new URL(`${url.pathname.replace(/\/$/, '')}/${bucket}/`, url);
}
