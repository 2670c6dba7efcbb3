import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { archivedFiles, sharedPath } from '../support/sharedData.ts';
import { startTestServer } from '../support/server.ts';
import { clientOf, inFlight } from './support/client.ts';
import type { Client } from './support/client.ts';
import { firstDifference, parseByText, sameContent, withoutServerMeta } from './support/exactJson.ts';

const ARCHIVE = sharedPath('data/synthea-set200.tgz');
/** Bundles posted unless SYNTHEA=all asks for the 200. */
const BUNDLES_DEFAULT = 10;
const READS_IN_FLIGHT = 16;
const TIMEOUT_MS = 30 * 60_000;

interface Entry {
  fullUrl: string;
  resource: { resourceType: string; id: string };
}
interface Answered {
  response: { status: string; location: string; etag: string };
}

function* bundles(archive: string): Generator<{ name: string; text: string }> {
  let left = process.env.SYNTHEA === 'all' ? Infinity : BUNDLES_DEFAULT;
  for (const { name, content } of archivedFiles(archive)) {
    if (!name.endsWith('.json')) continue;
    if (left-- <= 0) return;
    yield { name, text: content.toString() };
  }
}

/** `Patient/1` of `Patient/1/_history/1`, relative or absolute. */
const referenceOf = (location: string) => location.split('/').slice(-4, -2).join('/');

/** A value in which the URNs of a transaction's entries stand replaced by what they became. */
function rewritten(value: unknown, became: Map<string, string>): unknown {
  if (typeof value === 'string') return became.get(value) ?? value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => rewritten(item, became));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rewritten(item, became)]));
}

/** Posts one bundle and reads all of it back. What is wrong, in words; nothing when all is well. */
async function faults(client: Client, text: string): Promise<string[]> {
  const posted = await client.send('', { method: 'POST', body: text });
  if (posted.status !== 200) return [`POST ${posted.status} ${posted.text.slice(0, 800)}`];
  const { entry: sent } = parseByText(text) as { entry: Entry[] };
  const { type, entry: answered } = JSON.parse(posted.text) as { type: string; entry: Answered[] };
  if (type !== 'transaction-response') return [`answered by a ${type}`];
  if (answered.length !== sent.length) return [`${sent.length} entries, ${answered.length} answers`];

  const wrong: string[] = [];
  const referenceAt = answered.map(({ response }) => referenceOf(response.location));
  const became = new Map(sent.map(({ fullUrl }, i) => [fullUrl, referenceAt[i]!]));
  await inFlight(READS_IN_FLIGHT, sent.entries(), async ([i, { resource }]) => {
    const reference = referenceAt[i]!;
    const id = reference.split('/')[1];
    const expected = { ...(rewritten(resource, became) as object), id };
    const { status, text: read } = await client.send(reference);
    if (status !== 200 || !answered[i]!.response.status.startsWith('201')) {
      wrong.push(`${reference}: written ${answered[i]!.response.status}, read ${status}`);
      return;
    }
    const got = parseByText(read);
    if (sameContent(expected, got)) return;
    const at = firstDifference(withoutServerMeta(expected), withoutServerMeta(got));
    wrong.push(`${reference}: read back unlike at ${at}`);
  });
  return wrong;
}

(ARCHIVE === undefined ? test.skip : test)(
  'takes Synthea patients as transactions and gives every resource back as it was sent',
  async () => {
    let taken = 0;
    for (const { name, text } of bundles(ARCHIVE!)) {
      expect([name, ...(await faults(client, text)).slice(0, 20)]).toEqual([name]);
      taken++;
    }
    expect(taken).toBe(process.env.SYNTHEA === 'all' ? 200 : BUNDLES_DEFAULT);
  },
  TIMEOUT_MS,
);

let server: Awaited<ReturnType<typeof startTestServer>>;
let client: Client;
beforeAll(async () => {
  server = await startTestServer();
  client = clientOf(server.url, READS_IN_FLIGHT);
});
afterAll(async () => {
  client.close();
  await server.stop();
});
