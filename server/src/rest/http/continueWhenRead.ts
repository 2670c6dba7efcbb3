import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Tells a client that waits before it sends its body (`Expect: 100-continue`, RFC 9110 10.1.1) to go on, as soon as somebody reads it. What is
 * refused by URL and headers alone is so refused without the body.
 */
export function continueWhenRead(request: IncomingMessage, response: ServerResponse): void {
  const read = request._read.bind(request);
  request._read = (size) => {
    request._read = read;
    if (!response.headersSent) response.writeContinue();
    read(size);
  };
}
