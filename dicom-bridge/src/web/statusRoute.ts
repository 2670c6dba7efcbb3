import type { Route } from './internalApi.ts';
import type { Metrics } from './metrics.ts';
import type { BridgeStatus } from './status.ts';

/** `GET /status` and `GET /metrics`. Neither has patient data in it. */
export function statusRoute(status: () => Promise<BridgeStatus>, metrics: Metrics): Route {
  return async ({ method, url }, response) => {
    if (method !== 'GET' || (url !== '/status' && url !== '/metrics')) return false;
    const [type, body] =
      url === '/status'
        ? ['application/json', JSON.stringify(await status())]
        : [metrics.contentType, await metrics.text()];
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body);
    return true;
  };
}
