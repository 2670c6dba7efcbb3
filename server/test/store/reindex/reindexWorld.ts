import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import type { SearchQuery } from '../../../src/fhir/search/ast.ts';
import { contentParts } from '../../../src/store/resource/content.ts';
import type { PutWrite, Write } from '../../../src/store/resource/types.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import { verifyStore } from '../../../src/store/verify/verify.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { testDatabase, type TestDatabase } from '../../support/postgres.ts';
import { searchParameter } from '../../support/searchParameters.ts';

const SECRET = new Uint8Array(16).fill(7);
export const BASE = 'http://maxray.example/fhir/R4';

/** A store that several servers share, none of which works at walks by itself. */
export class ReindexWorld {
  readonly schema: string;
  /** What the servers log. */
  readonly logged: string[] = [];
  readonly #test: TestDatabase;
  readonly #fhir: Definitions;

  private constructor(test: TestDatabase, fhir: Definitions) {
    this.#test = test;
    this.#fhir = fhir;
    this.schema = test.schema;
  }

  /** @param fhir of another world, which spares reading them again */
  static async open(fhir?: Definitions): Promise<ReindexWorld> {
    return new ReindexWorld(await testDatabase(), fhir ?? (await r4Definitions()));
  }

  get fhir(): Definitions {
    return this.#fhir;
  }

  close(): Promise<void> {
    return this.#test.close();
  }

  get database() {
    return this.#test.database;
  }

  /** One more server on the store, as it is right after its start. */
  async server(base = BASE): Promise<Store> {
    const log = (_level: string, text: string) => void this.logged.push(text);
    const store = openStore(this.#test.database, this.schema, this.#fhir, SECRET, base, log);
    await store.reindexing.load();
    return store;
  }

  async sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    const named = text.replaceAll('$schema', `"${this.schema}"`);
    const { rows } = await this.#test.database.write({ name: '', text: named, values });
    return rows as Record<string, unknown>[];
  }

  /** What is missing and surplus in the index, as a server would have it. */
  async differences(server: Store): Promise<string[]> {
    const { differences } = await verifyStore(
      this.#test.database,
      this.schema,
      server.indexer,
      () => undefined,
    );
    return differences.map(({ type, id, where }) => `${type}/${id} ${where}`);
  }
}

/** A write as records prepare it. */
export function putOf(server: Store, reference: string, members: object = {}): PutWrite {
  const [type, id] = reference.split('/') as [string, string];
  const resource = { ...members, resourceType: type, id } as Resource;
  const index = server.indexer.index(resource);
  const planRevision = server.indexer.revision!;
  return { method: 'U', type, id, content: contentParts(resource, id), index, planRevision };
}

export const write = (server: Store, one: Write) => server.writer.write(one);
export const put = (server: Store, reference: string, members: object = {}) =>
  write(server, putOf(server, reference, members));

/** Stores a SearchParameter, as records do. */
export async function add(server: Store, id: string, changes: object = {}): Promise<void> {
  await put(server, `SearchParameter/${id}`, searchParameter(id, changes));
  await server.reindexing.parametersChanged();
}

export async function remove(server: Store, id: string): Promise<void> {
  await write(server, { method: 'D', type: 'SearchParameter', id });
  await server.reindexing.parametersChanged();
}

/** Does all that is needed, in this process. */
export async function walkAll(server: Store): Promise<void> {
  await server.reindexing.request();
  await server.reindexing.runToEnd(() => undefined);
}

/** A search by the definitions that a server has now. @throws FhirError as the parser does */
export function parse(server: Store, type: string, name: string, value: string): SearchQuery {
  const scope = { level: 'type', types: [type] } as const;
  return parseSearch(server.definitions, server.searcher, scope, [[name, value]], 'strict').query;
}

export async function found(server: Store, type: string, name: string, value: string): Promise<string[]> {
  const { matches } = await server.searcher.search(parse(server, type, name, value));
  return matches.map(({ content }) => (JSON.parse(content!) as { id: string }).id).sort();
}

export const contact = (family: string) => ({ contact: [{ name: { family } }] });
