import { randomUUID } from 'node:crypto';
import type { Definitions } from '../../../../src/fhir/definitions/types.ts';
import type { Resource } from '../../../../src/fhir/resource.ts';
import type { Include } from '../../../../src/fhir/search/ast.ts';
import { createIndexQuery } from '../../../../src/store/index/query.ts';
import { contentParts } from '../../../../src/store/resource/content.ts';
import { Includer, type PageResource } from '../../../../src/store/search/include/includer.ts';
import { Reader } from '../../../../src/store/resource/reader.ts';
import { RowIds } from '../../../../src/store/resource/rowIds.ts';
import { Writer } from '../../../../src/store/resource/writer.ts';
import { ResourceTypes } from '../../../../src/store/schema/resourceTypes.ts';
import { createIndexer } from '../../../../src/store/index/indexer.ts';
import type { Indexer } from '../../../../src/store/index/rows.ts';
import { r4Definitions } from '../../../support/definitions.ts';
import { testDatabase } from '../../../support/postgres.ts';

export const OWN_BASE = 'http://maxray.example/fhir/R4';
const SECRET = new Uint8Array(16).fill(7);

interface Parts {
  indexer: Indexer;
  reader: Reader;
  writer: Writer;
}

/** A store of the test file's own with an includer, and short words to fill it and ask it. */
export class IncludeWorld {
  readonly includer: Includer;
  readonly #store: Parts;
  readonly #definitions: Definitions;
  readonly #close: () => Promise<void>;

  private constructor(
    store: Parts,
    includer: Includer,
    definitions: Definitions,
    close: () => Promise<void>,
  ) {
    this.#store = store;
    this.includer = includer;
    this.#definitions = definitions;
    this.#close = close;
  }

  static async open(): Promise<IncludeWorld> {
    const definitions = await r4Definitions();
    const { database, schema, close } = await testDatabase();
    const index = createIndexQuery(definitions, SECRET, { publicBase: OWN_BASE });
    const types = new ResourceTypes(database, schema);
    const store = {
      indexer: createIndexer(definitions, SECRET, { publicBase: OWN_BASE }),
      reader: new Reader(database, schema, index),
      writer: new Writer(database, schema, types, new RowIds(database, schema), index),
    };
    const includer = new Includer({ database, schema, definitions, index, types });
    return new IncludeWorld(store, includer, definitions, close);
  }

  close(): Promise<void> {
    return this.#close();
  }

  /** Stores a resource (`Type/id`) and returns it as a search would find it. */
  async put(reference: string, members: object = {}): Promise<PageResource> {
    const [type, id] = reference.split('/') as [string, string];
    const resource = { resourceType: type, id, ...members } as Resource;
    const content = contentParts(resource, id);
    await this.#store.writer.write({
      method: 'U',
      type,
      id,
      content,
      index: this.#store.indexer.index(resource),
    });
    return { ...(await this.#store.reader.read(type, id))!, type };
  }

  async delete(reference: string): Promise<void> {
    const [type, id] = reference.split('/') as [string, string];
    await this.#store.writer.write({ method: 'D', type, id });
  }

  /** `Observation:subject:Patient`, `Observation:*`, `*`. */
  include(text: string, flags: { reverse?: boolean; iterate?: boolean } = {}): Include {
    const [sourceType = '*', code, targetType] = text.split(':');
    const include: Include = { reverse: flags.reverse ?? false, iterate: flags.iterate ?? false, sourceType };
    if (code !== undefined && code !== '*') {
      include.parameter = this.#definitions.searchParameter(sourceType, code)!;
      if (include.parameter === undefined) throw new Error(`no parameter ${text}`);
    }
    if (targetType !== undefined) include.targetType = targetType;
    return include;
  }

  /** What comes along, as `Type/id`, in order. */
  async along(matches: PageResource[], includes: Include[], limit?: number): Promise<string[]> {
    const { resources, truncated } = await this.includer.included(
      matches,
      includes,
      limit === undefined ? {} : { limit },
    );
    return [...resources.map(({ type, id }) => `${type}/${id}`), ...(truncated ? ['...'] : [])];
  }
}

/** An id that no other test uses. */
export const unique = (name: string) => `${name}-${randomUUID().slice(0, 8)}`;
