import type { MedplumClient } from '@medplum/core';
import type { BundleEntry, DeviceMetric } from '@medplum/fhirtypes';
import { SEEN_TOLD_MS, type UnitState } from './unitState.ts';

const BASE = 'https://maxray.example/fhir';
const PROFILE = `${BASE}/StructureDefinition/maxray-unit-connection`;
const LAST_SEEN = `${BASE}/StructureDefinition/maxray-last-seen`;
const TYPE = { system: `${BASE}/CodeSystem/maxray-device`, code: 'dicom-connection' };

/**
 * Brings the DeviceMetric of a unit's connection to what is known now. What others have put into it, as a calibration, stays.
 *
 * @param device reference to the unit
 * @throws OperationOutcomeError, VersionConflictError, ServerAwayError: nothing is half done, and it may be called again
 */
export async function recordConnection(
  medplum: MedplumClient,
  device: string,
  state: UnitState,
): Promise<void> {
  const query = new URLSearchParams({ type: `${TYPE.system}|${TYPE.code}`, source: device });
  const before = await medplum.searchOne('DeviceMetric', query, { cache: 'reload' });
  if (before && isSo(before, state)) return;
  const entry = before ? replaced(before, state) : created(device, state, query);
  await medplum.executeBatch({ resourceType: 'Bundle', type: 'transaction', entry: [entry] });
}

/** Whether the record says so already, or says almost the same of when the unit was seen. */
function isSo(metric: DeviceMetric, state: UnitState): boolean {
  if (metric.operationalStatus !== statusOf(state)) return false;
  const seenMs = Date.parse(metric.extension?.find(({ url }) => url === LAST_SEEN)?.valueInstant ?? '');
  return !state.isReachable || (state.seenMs ?? 0) - seenMs < SEEN_TOLD_MS;
}

const statusOf = ({ isReachable }: UnitState): DeviceMetric['operationalStatus'] =>
  isReachable ? 'on' : 'off';

const lastSeen = ({ seenMs }: UnitState) =>
  seenMs === undefined ? [] : [{ url: LAST_SEEN, valueInstant: new Date(seenMs).toISOString() }];

function replaced(before: DeviceMetric, state: UnitState): BundleEntry<DeviceMetric> {
  const seen = lastSeen(state);
  const others = (before.extension ?? []).filter(({ url }) => seen.length === 0 || url !== LAST_SEEN);
  const resource = { ...before, extension: [...others, ...seen], operationalStatus: statusOf(state) };
  const ifMatch = `W/"${before.meta!.versionId}"`; // only in place of the version that was seen
  return {
    resource: withoutEmpty(resource),
    request: { method: 'PUT', url: `DeviceMetric/${before.id}`, ifMatch },
  };
}

function created(device: string, state: UnitState, query: URLSearchParams): BundleEntry<DeviceMetric> {
  const resource: DeviceMetric = {
    resourceType: 'DeviceMetric',
    meta: { profile: [PROFILE] },
    extension: lastSeen(state),
    type: { coding: [{ ...TYPE, display: 'DICOM connection' }] },
    source: { reference: device },
    operationalStatus: statusOf(state),
    category: 'unspecified',
  };
  const ifNoneExist = query.toString();
  return { resource: withoutEmpty(resource), request: { method: 'POST', url: 'DeviceMetric', ifNoneExist } };
}

/** FHIR knows no empty lists. */
function withoutEmpty({ extension = [], ...rest }: DeviceMetric): DeviceMetric {
  return extension.length > 0 ? { ...rest, extension } : rest;
}
