import type { Definitions } from '../../fhir/definitions/types.ts';
import { Projection } from '../../fhir/projection/projection.ts';
import type { OperationRegistry } from '../../operations/operation.ts';
import type { Binaries } from '../../records/binaries.ts';
import type { Jobs } from '../../records/jobs/jobs.ts';
import type { SupportedProfiles } from '../../records/packages/supportedProfiles.ts';
import type { Records, SearchHandling } from '../../records/records.ts';
import type { TerminologyRecords } from '../../records/terminology.ts';
import type { BundleLimiter } from '../bundle/limiter.ts';
import type { Interaction } from '../http/types.ts';
import { Views } from '../presentation/view.ts';
import type { InteractionName } from '../router.ts';
import { binaryDownload, binaryUpload } from './binary.ts';
import { bundleInteraction } from './bundle.ts';
import { capabilitiesInteraction, type OAuthUris } from './capabilities.ts';
import type { SubscriptionSupport } from './subscriptionCapabilities.ts';
import {
  conditionalCreateInteraction,
  conditionalDeleteInteraction,
  conditionalUpdateInteraction,
} from './conditional.ts';
import { historyInteraction } from './history.ts';
import { jobCancelInteraction, jobFileInteraction, jobStatusInteraction } from './jobs.ts';
import { operationInteraction } from './operation.ts';
import { conditionalPatchInteraction, patchInteraction } from './patch.ts';
import { withProvenance } from './provenance.ts';
import { readInteraction, vreadInteraction } from './read.ts';
import { searchInteraction, searchPostInteraction } from './search.ts';
import { withTerminologyMode } from './terminologyCapabilities.ts';
import {
  conditionedWrite,
  createInteraction,
  deleteInteraction,
  namedWrite,
  updateInteraction,
} from './write.ts';

export interface InteractionSettings {
  /** Absolute URL of the FHIR base. */
  base: string;
  softwareVersion: string;
  oauth: OAuthUris;
  searchHandling: SearchHandling;
  bodyBytesMax: number;
  transactionEntriesMax: number;
  conditionalDeletesMax: number;
  /** Turns for bundles, shared with the other stores of the process; absent: turns of their own. */
  bundles?: BundleLimiter;
}

/** What the interactions are made on. */
export interface InteractionParts {
  records: Records;
  binaries: Binaries;
  definitions: Definitions;
  operations: OperationRegistry;
  jobs: Jobs;
  terminology: TerminologyRecords;
  /** Profiles and guides that metadata tells of. */
  supported?: SupportedProfiles;
  subscriptions?: SubscriptionSupport;
}

/** Preconditions of updates and patches. */
const UPDATES = ['If-Match', 'If-None-Match'] as const;

/** Every interaction, wired to the records. */
export function allInteractions(
  parts: InteractionParts,
  settings: InteractionSettings,
): Record<InteractionName, Interaction> {
  const { records, binaries, definitions, operations, jobs, terminology } = parts;
  const { base, bodyBytesMax, softwareVersion, searchHandling: handling } = settings;
  const projection = new Projection(definitions);
  const views = new Views(definitions, projection);
  const search = { records, projection, base, handling };
  const operation = { ...search, operations, views, bodyBytesMax };
  const write = { records, views, base, bodyBytesMax };
  const create = createInteraction(write, conditionalCreateInteraction(write));
  const upload = { binaries, views, base, bodyBytesMax, resourceTypes: definitions.resourceTypes };
  const stated = { base, softwareVersion, date: new Date() };
  const history = historyInteraction({ records, views, base });
  const noted = (interaction: Interaction) => withProvenance(records, interaction);
  return {
    capabilities: withTerminologyMode(
      capabilitiesInteraction(parts, {
        ...stated,
        oauth: settings.oauth,
        conditionalDeletesMax: settings.conditionalDeletesMax,
      }),
      terminology,
      stated,
    ),
    bundle: noted(
      namedWrite(
        bundleInteraction(
          { ...operation, binaries },
          definitions,
          settings.transactionEntriesMax,
          settings.bundles,
        ),
      ),
    ),
    'system-history': history,
    'type-history': history,
    'instance-history': history,
    search: searchInteraction(search),
    'search-post': searchPostInteraction(search),
    operation: operationInteraction(operation),
    read: binaryDownload(binaries, views, readInteraction(records, views)),
    vread: binaryDownload(binaries, views, vreadInteraction(records, views)),
    create: noted(namedWrite(binaryUpload(upload, create), 'If-None-Exist')),
    update: noted(namedWrite(binaryUpload(upload, updateInteraction(write)), ...UPDATES)),
    patch: noted(namedWrite(patchInteraction(write, definitions), ...UPDATES)), // tells itself what If-None-Match lacks
    delete: noted(namedWrite(deleteInteraction(records), 'If-Match')),
    'conditional-update': noted(conditionedWrite(conditionalUpdateInteraction(write), ...UPDATES)),
    'conditional-patch': noted(conditionedWrite(conditionalPatchInteraction(write, definitions), ...UPDATES)),
    'conditional-delete': noted(conditionedWrite(conditionalDeleteInteraction(write), 'If-Match')),
    'job-status': jobStatusInteraction(jobs),
    'job-cancel': jobCancelInteraction(jobs),
    'job-file': jobFileInteraction(jobs),
  };
}
