import type { Definitions } from '../fhir/definitions/types.ts';
import { Administration } from './administration.ts';
import { EmergencyTable } from './emergencies/emergencyTable.ts';
import { ConsentNotices } from './consents/consentNotices.ts';
import { ConsentReader } from './consents/consentReader.ts';
import type { SearchSupport } from '../fhir/search/contract.ts';
import { BinaryBlobs } from './blob/binaryBlobs.ts';
import { KeyedMatches } from './conditional/keyedMatches.ts';
import { OwnResources } from './conditional/ownResources.ts';
import { TransactionView } from './conditional/transactionView.ts';
import { openErasure, type StoreErasure } from './erasure/erasure.ts';
import { changeHistory, type ChangeCursor } from './history/changeHistory.ts';
import { instanceHistory } from './history/instanceHistory.ts';
import type { HistoryFilter, HistoryPage } from './history/types.ts';
import { createIndexQuery, type IndexQuery } from './index/query.ts';
import type { Indexer } from './index/rows.ts';
import { JobTable } from './jobs/jobTable.ts';
import { labelsInUse, type Label } from './labels/labelsInUse.ts';
import { OrderNumbers } from './orders/orderNumbers.ts';
import { Outbox } from './outbox/outbox.ts';
import type { Database, QueryResult, Statement, Transaction } from './postgres/database.ts';
import { errorsToStderr, type Log } from './postgres/log.ts';
import { IndexPlans } from './reindex/indexPlans.ts';
import { Reindexing } from './reindex/reindexing.ts';
import { Reader } from './resource/reader.ts';
import { TransactionReader } from './resource/transactionReader.ts';
import { RowIds } from './resource/rowIds.ts';
import { Writer } from './resource/writer.ts';
import { ResourceTypes } from './schema/resourceTypes.ts';
import { canSearch } from './search/conditions/canSearch.ts';
import { ContainedSearcher } from './search/contained/containedSearcher.ts';
import { EverythingReader } from './search/everything/everything.ts';
import { Includer } from './search/include/includer.ts';
import { LastNReader } from './search/lastN/lastN.ts';
import { canSort } from './search/order/sortColumns.ts';
import { Searcher } from './search/searcher.ts';
import { StoredStructures } from './structures/storedStructures.ts';
import { TerminologyRevision } from './terminology/terminologyRevision.ts';

/** One store: a PostgreSQL schema with everything needed to read, write and search it. */
export interface Store {
  indexer: Indexer;
  /** How the index is asked for what the indexer writes. */
  index: IndexQuery;
  reader: Reader;
  /** What an open transaction sees and holds. @param isPatient see there */
  view(tx: Transaction, isPatient: boolean): TransactionView;
  /** For the resources that a transaction is about to write. */
  ownResources(): OwnResources;
  /** Numbers of imaging orders, in an open transaction. @param run runs its statements */
  orderNumbers(run: (statement: Statement) => Promise<QueryResult>): OrderNumbers;
  writer: Writer;
  searcher: Searcher;
  /** For searches with `_contained`. */
  containedSearcher: ContainedSearcher;
  includer: Includer;
  everything: EverythingReader;
  lastN: LastNReader;
  /** Profiles, security labels and tags of the resources of a type, or of all. */
  labelsInUse(type?: string): Promise<Label[]>;
  types: ResourceTypes;
  binaryBlobs: BinaryBlobs;
  instanceHistory(
    resource: { type: string; id: string },
    filter: HistoryFilter,
    before?: number,
  ): Promise<HistoryPage<number>>;
  changeHistory(
    type: string | undefined,
    filter: HistoryFilter,
    after?: ChangeCursor,
  ): Promise<HistoryPage<ChangeCursor>>;
  database: Database;
  /** What can be searched by now. */
  definitions: Definitions;
  /** Counts up with every change of what can be searched by; whether a search may be believed. */
  plans: IndexPlans;
  /** What can be searched by, or can be as soon as its index is complete: for what is written before that. */
  coming: { definitions: Definitions; index: IndexQuery; support: SearchSupport };
  reindexing: Reindexing;
  /** Profiles and extensions that are stored. */
  structures: StoredStructures;
  /** Whether what codes mean has changed. */
  terminologyRevision: TerminologyRevision;
  jobs: JobTable;
  /** Resources that decide who may do what. */
  administration: Administration;
  /** What was written, for whoever is to be told. */
  outbox: Outbox;
  /** What patients withhold, and that it has changed. */
  consents: ConsentReader;
  consentNotices: ConsentNotices;
  /** Records that were opened in an emergency. */
  emergencies: EmergencyTable;
  /** What takes resources away for good. */
  erasure: StoreErasure;
}

/**
 * Opens a store whose schema is migrated. Search parameters that were added to it are known after `reindexing.load()`.
 *
 * @param fhir FHIR's own definitions
 * @param secret the store's hash secret, 16 bytes (`readStoreSecret`)
 * @param publicBase absolute URL of the FHIR base; references that begin with it count as relative
 */
export function openStore(
  database: Database,
  schema: string,
  fhir: Definitions,
  secret: Uint8Array,
  publicBase: string,
  log: Log = errorsToStderr,
): Store {
  const types = new ResourceTypes(database, schema);
  const plans = new IndexPlans(database, schema, fhir, secret, publicBase);
  const definitions = plans.searched;
  const indexQuery = createIndexQuery(definitions, secret, { publicBase });
  const comingQuery = createIndexQuery(plans.indexed, secret, { publicBase });
  const searcher = new Searcher(database, schema, indexQuery, types);
  const includer = new Includer({ database, schema, definitions, index: indexQuery, types });
  const reader = new TransactionReader(schema, indexQuery);
  const keyed = new KeyedMatches(schema, indexQuery);
  return {
    indexer: plans.indexer,
    index: indexQuery,
    reader: new Reader(database, schema, indexQuery),
    view: (tx, isPatient) =>
      new TransactionView({ database, schema, searcher, types, reader, keyed }, tx, isPatient),
    ownResources: () => new OwnResources(indexQuery, plans.indexer),
    orderNumbers: (run) => new OrderNumbers(schema, run),
    writer: new Writer(database, schema, types, new RowIds(database, schema), indexQuery, plans),
    searcher,
    containedSearcher: new ContainedSearcher({
      database,
      schema,
      index: indexQuery,
      indexer: plans.indexer,
      types,
      searcher,
    }),
    includer,
    everything: new EverythingReader({ database, schema, definitions, index: indexQuery, types, includer }),
    lastN: new LastNReader({ database, schema, index: indexQuery, types }),
    labelsInUse: async (type) => {
      const existing = await types.existing();
      const wanted = type === undefined ? existing : existing.filter((one) => one === type);
      return labelsInUse(database, schema, indexQuery, wanted);
    },
    types,
    binaryBlobs: new BinaryBlobs(database, schema),
    instanceHistory: (resource, filter, before) =>
      instanceHistory(database, schema, indexQuery, resource, filter, before),
    changeHistory: (type, filter, after) => changeHistory(database, schema, type, filter, after),
    database,
    definitions,
    plans,
    coming: {
      definitions: plans.indexed,
      index: comingQuery,
      support: {
        supports: (type, parameter, modifier) => canSearch(comingQuery, type, parameter, modifier),
        sorts: (type, parameter) => canSort(comingQuery, type, parameter),
      },
    },
    structures: new StoredStructures({ database, schema, searcher, definitions, log }),
    terminologyRevision: new TerminologyRevision(database, schema),
    reindexing: new Reindexing({ database, schema, definitions: fhir, plans, types, base: publicBase, log }),
    jobs: new JobTable(database, schema),
    administration: new Administration(),
    outbox: new Outbox(database, schema),
    consents: new ConsentReader(database, schema, indexQuery),
    consentNotices: new ConsentNotices(),
    emergencies: new EmergencyTable(database, schema),
    erasure: openErasure(database, { schema, index: indexQuery, types, definitions }),
  };
}
