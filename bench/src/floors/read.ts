import pg from 'pg';
import { assertDurable } from '../database/durable.ts';
import { FHIR_BASE } from '../processes/fhirBase.ts';
import type { Floor } from './floor.ts';

const CONTENT_TYPE = 'application/fhir+json; charset=utf-8';

/** The id in `/fhir/R4/<type>/<id>` and in `/fhir/R4/<type>/<id>/_history/<version>`. */
const idIn = (url: string): string => {
  const start = url.indexOf('/', FHIR_BASE.length + 1) + 1;
  const end = url.indexOf('/', start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
};

/** node:http, one pipelined connection, one named prepared statement, the stored text as it is. */
export const readFloor: Floor = {
  variants: ['1 pipelined connection'],
  open: async (databaseUrl) => {
    const client = new pg.Client({ connectionString: databaseUrl, pipeline: true });
    await client.connect();
    await assertDurable(client);
    return {
      handle: async (request, response) => {
        const { rows } = await client.query<{ content: string }>({
          name: 'floor-read',
          text: 'SELECT content FROM floor.resource WHERE id = $1',
          values: [idIn(request.url ?? '')],
        });
        const content = rows[0]?.content;
        if (content === undefined) {
          response.writeHead(404, { 'content-length': 0 }).end();
          return;
        }
        response
          .writeHead(200, { 'content-type': CONTENT_TYPE, 'content-length': Buffer.byteLength(content) })
          .end(content);
      },
      close: () => client.end(),
    };
  },
};
