import { serverForFile, FHIR, fhir } from '../rest/support.ts';

export interface Entry {
  fullUrl?: string;
  resource: { resourceType: string; id: string; [name: string]: unknown };
  search: { mode: string };
}

export interface Bundle {
  meta?: { lastUpdated: string };
  total?: number;
  link: { relation: string; url: string }[];
  entry?: Entry[];
}

/** Short words to fill a server and to call its operations. */
export function operationServer() {
  const { api, base } = serverForFile();

  /** Stores a resource under `Type/id`. */
  async function put(reference: string, members: object = {}): Promise<void> {
    const [resourceType, id] = reference.split('/');
    const sent = api().put(`/${reference}`).set('Content-Type', FHIR);
    const named = resourceType === 'Organization' ? { name: 'x' } : {}; // it must have a name (org-1)
    const { status, text } = await sent.send(fhir({ resourceType, id, ...named, ...members }));
    if (status !== 200 && status !== 201) throw new Error(`${reference}: ${status} ${text}`);
  }

  /** A Bundle from a path below the base or a whole link. */
  async function bundle(path: string): Promise<Bundle> {
    const { body } = await api().get(path.replace(base(), '')).expect(200);
    return body as Bundle;
  }

  /** All pages, by their next links. */
  async function pages(path: string): Promise<Bundle[]> {
    const all = [await bundle(path)];
    for (;;) {
      const next = all.at(-1)!.link.find(({ relation }) => relation === 'next')?.url;
      if (next === undefined) return all;
      all.push(await bundle(next));
    }
  }

  /** What is wrong, in the answer's words. */
  async function refusal(path: string, status: number): Promise<string> {
    const { body } = await api().get(path).expect(status);
    return (body as { issue: { diagnostics: string }[] }).issue[0]!.diagnostics;
  }

  function post(path: string, parameter: object[]) {
    return api()
      .post(path)
      .set('Content-Type', FHIR)
      .send(fhir({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) }));
  }

  return { api, base, put, bundle, pages, refusal, post };
}

/** `Type/id` of the entries of a mode, in order. */
export function references(bundle: Bundle, mode: 'match' | 'include'): string[] {
  return (bundle.entry ?? [])
    .filter(({ search }) => search.mode === mode)
    .map(({ resource }) => `${resource.resourceType}/${resource.id}`);
}

export const to = (reference: string) => ({ reference });
