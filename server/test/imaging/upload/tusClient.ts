import type { ClientRequest } from 'node:http';
import { DefaultHttpStack, Upload, type HttpRequest } from 'tus-js-client';

/** What became of an upload by tus-js-client, the client of the protocol's authors. */
export interface TusUpload {
  url: string;
  /** Methods of its requests, in order. */
  methods: string[];
}

/** Of one PATCH. */
const PIECE_BYTES = 128 * 1024;
/** The PATCH during which the link breaks. */
const BROKEN = 2;

/** Keeps the methods of requests, and breaks one of them. */
class BreakingLink extends DefaultHttpStack {
  readonly methods: string[] = [];

  override createRequest(method: string, url: string): HttpRequest {
    this.methods.push(method);
    const request = super.createRequest(method, url);
    const isBroken = this.methods.filter((one) => one === 'PATCH').length === BROKEN && method === 'PATCH';
    return isBroken ? broken(request) : request;
  }
}

function broken(request: HttpRequest): HttpRequest {
  const send = request.send.bind(request);
  request.send = (body) => {
    const answer = send(body);
    (request.getUnderlyingObject() as ClientRequest).destroy(new Error('The link broke.'));
    return answer;
  };
  return request;
}

/** Uploads a file of several pieces over a link that breaks at the second. */
export function uploadOverBrokenLink(
  endpoint: string,
  authorization: string,
  file: Buffer,
): Promise<TusUpload> {
  const httpStack = new BreakingLink({});
  return new Promise((resolve, reject) => {
    const upload = new Upload(file, {
      endpoint,
      httpStack,
      chunkSize: PIECE_BYTES,
      headers: { Authorization: authorization },
      metadata: { filename: 'picture.png', filetype: 'image/png' },
      retryDelays: [0, 100, 1_000, 5_000],
      onSuccess: () => resolve({ url: upload.url!, methods: httpStack.methods }),
      onError: reject,
    });
    upload.start();
  });
}
