import type { Audit } from '../audit/audit.ts';
import { AuditEvents } from '../records/auditLog/auditEvents.ts';
import { Binaries } from '../records/binaries.ts';
import { Cursors } from '../records/cursors.ts';
import { Records } from '../records/records.ts';
import { IndexRecords } from '../records/searchParameters.ts';
import { Trails } from '../records/trail/trails.ts';
import { Settings } from '../store/settings.ts';
import type { Store } from '../store/store.ts';
import { Terminology } from '../terminology/terminology.ts';
import type { OpenAudit } from './audit.ts';
import { EventFaults, judgingEvents } from './eventFaults.ts';
import type { Lifetime } from './lifetime.ts';
import type { Machine } from './machine.ts';
import { openRecordStore } from './recordStore.ts';
import type { StorePlace } from './storePlace.ts';
import { startValidator } from './validation.ts';

/** A store with its log and what reaches its records. */
export interface StoreRecords {
  store: Store;
  settings: Settings;
  audit: Audit;
  auditEvents: AuditEvents;
  trails: Trails;
  terminology: Terminology;
  cursors: Cursors;
  records: Records;
  binaries: Binaries;
  index: IndexRecords;
  eventFaults: EventFaults;
}

/** Opens a store whose schema is up to date, until the end of `lifetime`. @throws StartError, ConfigError */
export async function openStoreRecords(
  machine: Machine,
  { schema, database, fhirBase, key, dataDir, blobs }: StorePlace,
  openAudit: OpenAudit,
  lifetime: Lifetime,
): Promise<StoreRecords> {
  const { config, cacheDir, toLog: log } = machine;
  const settings = new Settings(database, schema);
  const store = await openRecordStore(
    { database, schema, settings, definitions: machine.definitions, base: fhirBase, log },
    lifetime,
  );
  const audit = await openAudit({
    settings: machine.auditSettings,
    database,
    schema,
    dataDir,
    base: fhirBase,
    log,
  });
  const { definitions } = store;
  const terminology = new Terminology(store, schema, definitions, cacheDir);
  const eventFaults = new EventFaults();
  const validator = judgingEvents(
    startValidator({ store, terminology, cacheDir, log, config, base: fhirBase }, lifetime),
    eventFaults,
  );
  const cursors = new Cursors(key);
  const auditEvents = new AuditEvents(audit, cursors, fhirBase);
  const { conditionalDeletesMax, binaryBytesMax } = config;
  const records = new Records(store, {
    validator,
    cursors,
    deletionsMax: conditionalDeletesMax,
    meanings: terminology.meanings,
    auditEvents,
  });
  return {
    ...{ store, settings, audit, auditEvents, terminology, cursors, records, eventFaults },
    trails: new Trails(audit, fhirBase),
    binaries: new Binaries(store, { definitions, validator }, records, blobs, binaryBytesMax),
    index: new IndexRecords(store),
  };
}
