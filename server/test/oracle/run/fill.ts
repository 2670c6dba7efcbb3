import { BASE_MARK } from '../data/references.ts';
import type { Write } from '../data/world.ts';
import type { Stored } from '../evaluate/world.ts';
import type { Client } from './client.ts';

const FHIR = 'application/fhir+json';

/**
 * Writes a world into the server, one after the other, so that the order of creation is known, and gives back what
 * is there in the end, as the server answered it.
 *
 * @throws Error when the server refuses a write: then the random data are not valid
 */
export async function fill(client: Client, writes: readonly Write[]): Promise<Stored[]> {
  const stored = new Map<string, Stored>();
  const orders = new Map<string, number>();
  for (const write of writes) {
    const [type, id] =
      write.kind === 'put' ? [write.resource.resourceType, write.resource.id] : [write.type, write.id];
    const name = `${type}/${id}`;
    if (write.kind === 'delete') {
      const answer = await client.send('DELETE', name);
      if (answer.status !== 204) throw new Error(`DELETE ${name}: ${answer.status} ${answer.text}`);
      stored.delete(name);
      continue;
    }
    const text = JSON.stringify(write.resource).replaceAll(BASE_MARK, client.base);
    const answer = await client.send('PUT', name, { type: FHIR, text });
    if (answer.status !== 200 && answer.status !== 201) {
      throw new Error(`PUT ${name}: ${answer.status} ${answer.text}\n${text}`);
    }
    if (!orders.has(name)) orders.set(name, orders.size);
    const resource = JSON.parse(answer.text) as Stored['resource'];
    stored.set(name, { type, id, order: orders.get(name)!, resource });
  }
  return [...stored.values()];
}
