import { beforeAll } from '@jest/globals';
import { operationServer, to } from './support.ts';

export interface Document {
  resourceType: string;
  id?: string;
  type: string;
  identifier: { system: string; value: string };
  timestamp: string;
  meta: { lastUpdated: string };
  entry: { fullUrl: string; resource: { resourceType: string; id: string; [name: string]: unknown } }[];
}

const COMPOSITION = {
  status: 'final',
  type: { text: 'Discharge summary' },
  date: '2026-01-31',
  title: 'Summary',
  author: [to('Practitioner/author')],
};

export const OBSERVATION = { status: 'final', code: { text: 'x' } };

/** A server with what Compositions refer to, and words to make documents of them. */
export function documentServer() {
  const server = operationServer();
  const { api, put } = server;

  beforeAll(async () => {
    await put('Practitioner/author');
    await put('Patient/p', { managingOrganization: to('Organization/indirect') });
    for (const id of ['indirect', 'custodian', 'extension', 'contained']) await put(`Organization/${id}`);
    await put('Encounter/e', { status: 'finished', class: { code: 'AMB' } });
    await put('RelatedPerson/attester', { patient: to('Patient/p') });
    for (const id of ['one', 'two', 'deep', 'focus', 'item']) await put(`Observation/${id}`, OBSERVATION);
    await put('Procedure/event', { status: 'completed', subject: to('Patient/p') });
    await put('Device/author');
  });

  /** Stores a Composition by Practitioner/author. */
  const compose = (id: string, members: object) => put(`Composition/${id}`, { ...COMPOSITION, ...members });

  async function documentOf(path: string): Promise<Document> {
    const { body } = await api().get(path).expect(200);
    return body as Document;
  }

  return { ...server, compose, documentOf };
}

/** `Type/id` of the entries, in order. */
export const names = ({ entry }: Document) =>
  entry.map(({ resource }) => `${resource.resourceType}/${resource.id}`);
