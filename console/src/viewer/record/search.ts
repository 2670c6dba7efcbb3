import { ReadError, type Service } from './service.ts';

interface Bundle<T> {
  entry?: { resource?: T & { resourceType: string } }[];
}

/** What a search of a type finds, without what it brings along; nothing where the reader may not search it. */
export async function search<T>(service: Service, type: string, query: string): Promise<T[]> {
  const bundle = await ifAllowed(service.json<Bundle<T>>(query));
  return (bundle?.entry ?? []).flatMap(({ resource }) => (resource?.resourceType === type ? [resource] : []));
}

/** A token for studies alone does not show who the patient is, and need not. */
export async function ifAllowed<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    return undefined;
  }
}
