import type { Answer, Client } from '../acceptance/support/client.ts';
import { until } from './program.ts';

/** A SearchParameter resource that the server can use; `changes` says what is to be tested. */
export function searchParameter(id: string, changes: object = {}): { resourceType: string; id: string } {
  return {
    resourceType: 'SearchParameter',
    id,
    url: `http://maxray.example/SearchParameter/${id}`,
    name: id,
    status: 'active',
    description: `Made for a test: ${id}`,
    code: id,
    base: ['Patient'],
    type: 'string',
    expression: 'Patient.contact.name',
    ...changes,
  } as { resourceType: string; id: string };
}

type Part = { name: string; [value: string]: unknown };

/** What `$reindex` tells. */
export interface ReindexReport {
  status: string;
  reasons: string[];
  types: Record<string, Record<string, unknown>>;
  /** By the id of the resource. */
  parameters: Record<string, Record<string, unknown>>;
}

/** The Parameters that `$reindex` answers with. */
export function reindexReport({ text }: { text: string }): ReindexReport {
  const { parameter } = JSON.parse(text) as { parameter: (Part & { part?: Part[] })[] };
  const report: ReindexReport = { status: '', reasons: [], types: {}, parameters: {} };
  for (const one of parameter) {
    if (one.name === 'status') report.status = one.valueCode as string;
    if (one.name === 'reason') report.reasons.push(one.valueString as string);
    const parts = Object.fromEntries((one.part ?? []).map((part) => [part.name, valueOf(part)]));
    if (one.name === 'type') report.types[parts.name as string] = parts;
    if (one.name === 'searchParameter')
      report.parameters[(parts.resource as { reference: string }).reference.split('/')[1]!] = parts;
  }
  return report;
}

const valueOf = (part: Part): unknown =>
  Object.entries(part).find(([member]) => member.startsWith('value'))?.[1];

/** Starts a reindex, and waits until nothing is left to do. */
export async function reindex(client: Client): Promise<ReindexReport> {
  const started = await client.send('$reindex', { method: 'POST' });
  if (started.status !== 200 && started.status !== 202) throw new Error(started.text);
  return reindexed(client);
}

/** Waits until a reindex that was started has nothing left to do. */
export async function reindexed(client: Client): Promise<ReindexReport> {
  let report: ReindexReport | undefined;
  await until(async () => {
    report = reindexReport(await client.send('$reindex'));
    return report.status === 'complete';
  }, 'the reindex came to its end').catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify(report)}`, { cause: error });
  });
  return report!;
}

/** Stores a resource under its own id. @throws Error when it is refused */
export async function put(client: Client, resource: { resourceType: string; id: string }): Promise<void> {
  const answer = await client.send(`${resource.resourceType}/${resource.id}`, {
    method: 'PUT',
    body: resource,
  });
  if (answer.status >= 300) throw new Error(answer.text);
}

/** Ids of what a search found, sorted. @throws Error when it is refused */
export async function found(client: Client, query: string): Promise<string[]> {
  const answer = await client.send(query);
  if (answer.status !== 200) throw new Error(`${query}: ${answer.text}`);
  return idsOf(answer).sort();
}

/** Ids in a Bundle, in its order. */
export function idsOf({ text }: Pick<Answer, 'text'>): string[] {
  const { entry = [] } = JSON.parse(text) as { entry?: { resource: { id: string } }[] };
  return entry.map(({ resource }) => resource.id);
}

/** Why something was refused, in the answer's words. */
export function refusal({ text }: Pick<Answer, 'text'>): string {
  const { issue } = JSON.parse(text) as { issue: { diagnostics: string }[] };
  return issue.map(({ diagnostics }) => diagnostics).join(' ');
}
