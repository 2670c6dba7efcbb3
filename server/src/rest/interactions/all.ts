import type { Definitions } from '../../fhir/definitions/types.ts';
import type { Binaries } from '../../records/binaries.ts';
import type { Records, SearchHandling } from '../../records/records.ts';
import type { Interaction } from '../http/types.ts';
import type { InteractionName } from '../router.ts';
import { binaryDownload, binaryUpload } from './binary.ts';
import { bundleInteraction } from './bundle.ts';
import { capabilitiesInteraction } from './capabilities.ts';
import { changeHistoryInteraction, instanceHistoryInteraction } from './history.ts';
import { readInteraction, vreadInteraction } from './read.ts';
import { searchInteraction, searchPostInteraction } from './search.ts';
import { createInteraction, deleteInteraction, updateInteraction } from './write.ts';

/** Largest form of a POST _search. */
const FORM_BYTES_MAX = 1024 * 1024;

export interface InteractionSettings {
  /** Absolute URL of the FHIR base. */
  base: string;
  softwareVersion: string;
  searchHandling: SearchHandling;
  bodyBytesMax: number;
  transactionEntriesMax: number;
}

/** Every interaction, wired to the records. */
export function allInteractions(
  records: Records,
  binaries: Binaries,
  definitions: Definitions,
  settings: InteractionSettings,
): Record<InteractionName, Interaction> {
  const { base, bodyBytesMax } = settings;
  const search = { base, handling: settings.searchHandling, formBytesMax: FORM_BYTES_MAX };
  const changes = changeHistoryInteraction(records, base);
  return {
    capabilities: capabilitiesInteraction(records, definitions, {
      base,
      softwareVersion: settings.softwareVersion,
      date: new Date(),
    }),
    bundle: bundleInteraction(records, definitions, base, {
      bodyBytesMax,
      entriesMax: settings.transactionEntriesMax,
    }),
    'system-history': changes,
    'type-history': changes,
    'instance-history': instanceHistoryInteraction(records, base),
    search: searchInteraction(records, search),
    'search-post': searchPostInteraction(records, search),
    read: binaryDownload(binaries, readInteraction(records)),
    vread: binaryDownload(binaries, vreadInteraction(records)),
    create: binaryUpload(binaries, base, createInteraction(records, base, { bodyBytesMax })),
    update: binaryUpload(binaries, base, updateInteraction(records, base, { bodyBytesMax })),
    delete: deleteInteraction(records),
  };
}
