import type { Device, ServiceRequest } from '@medplum/fhirtypes';
import { codeItems, conceptText } from '../fhir/codeSequence.ts';
import type { LocalClock } from '../fhir/localTime.ts';
import { patientAttributes } from '../fhir/patientAttributes.ts';
import { personNameOf } from '../fhir/personName.ts';
import type { DataSet } from '../objects/dataSet.ts';
import type { ScheduledOrder } from './scheduledOrders.ts';
import { accessionNumberOf, aeTitleOf, DCM_SYSTEM, studyInstanceUidOf } from '../fhir/identifiers.ts';

const XRAY_ORDER = 'https://maxray.example/fhir/StructureDefinition/maxray-xray-order';
/** What plain X-ray images are made by, where no unit is named. */
const XRAY_MODALITIES = ['DX', 'CR'];
const PRIORITIES: Readonly<Record<string, string>> = {
  stat: 'STAT',
  asap: 'HIGH',
  urgent: 'HIGH',
  routine: 'ROUTINE',
};

/** What an item of the worklist needs besides the order. */
export interface ItemContext {
  /** AE title for orders that name no unit. */
  anyStation: string;
  /** System of the patient numbers of who asks. */
  issuer: string | undefined;
  characterSet: string;
  clock: LocalClock;
}

/** The numbers by which the images of an order are known; undefined for an order that was given none. */
export function numbersOf(order: ServiceRequest): { uid: string; accession: string } | undefined {
  const [uid, accession] = [studyInstanceUidOf(order), accessionNumberOf(order)];
  return uid !== undefined && accession !== undefined ? { uid, accession } : undefined;
}

/**
 * The items of the modality worklist (PS3.4 table K.6-1) that an order can be: one for each unit and modality that may do it, of which one is
 * taken. None where the order has not been given its numbers.
 */
export function worklistItems(scheduled: ScheduledOrder, context: ItemContext): DataSet[] {
  const { order, patient, requester, encounter } = scheduled;
  const numbers = numbersOf(order);
  if (!numbers) return [];
  const physician = personNameOf(requester?.name);
  const common: DataSet = {
    SpecificCharacterSet: context.characterSet,
    ...patientAttributes(patient, context.issuer),
    AccessionNumber: numbers.accession,
    StudyInstanceUID: numbers.uid,
    RequestedProcedureID: numbers.accession,
    RequestedProcedureDescription: conceptText(order.code),
    RequestedProcedureCodeSequence: codeItems([order.code]),
    RequestedProcedurePriority: PRIORITIES[order.priority ?? 'routine'] ?? 'ROUTINE',
    ReasonForTheRequestedProcedure: (order.reasonCode ?? []).map(conceptText).join('; '),
    RequestingPhysician: physician,
    ReferringPhysicianName: physician,
    AdmissionID: encounter?.identifier?.[0]?.value ?? '',
    CurrentPatientLocation: encounter?.location?.[0]?.location.display ?? '',
  };
  return steps(scheduled, numbers.accession, context).map((step) => ({
    ...common,
    ScheduledProcedureStepSequence: [step],
  }));
}

function steps(scheduled: ScheduledOrder, id: string, { anyStation, clock }: ItemContext): DataSet[] {
  const { order, devices, performers, appointment, isStarted } = scheduled;
  const start = clock.localOf(
    appointment?.start ?? order.occurrenceDateTime ?? order.occurrencePeriod?.start ?? order.authoredOn,
  );
  const step: DataSet = {
    ScheduledProcedureStepStartDate: start?.date ?? '',
    ScheduledProcedureStepStartTime: start?.time ?? '',
    ScheduledPerformingPhysicianName: personNameOf(performers[0]?.name),
    ScheduledProcedureStepDescription: descriptionOf(order),
    ScheduledProtocolCodeSequence: codeItems([order.code]),
    ScheduledProcedureStepLocation: order.locationReference?.[0]?.display ?? '',
    ScheduledProcedureStepID: id,
    ScheduledProcedureStepStatus: isStarted ? 'STARTED' : 'SCHEDULED',
  };
  const stations = devices.length > 0 ? devices.map(stationOf) : [anyone(order, anyStation)];
  return stations.flatMap(({ modalities, ...station }) =>
    modalities.map((Modality) => ({ ...step, ...station, Modality })),
  );
}

function stationOf(device: Device) {
  const { deviceName, property } = device;
  const modality = property
    ?.flatMap(({ valueCode = [] }) => valueCode.flatMap(({ coding = [] }) => coding))
    .find(({ system }) => system === DCM_SYSTEM)?.code;
  return {
    ScheduledStationAETitle: aeTitleOf(device) ?? '',
    ScheduledStationName: deviceName?.[0]?.name ?? '',
    modalities: modality === undefined ? XRAY_MODALITIES : [modality],
  };
}

/** An order that names no unit is for whoever asks, as far as it says what kind of images it wants. */
function anyone(order: ServiceRequest, anyStation: string) {
  const asked = (order.orderDetail ?? [])
    .flatMap(({ coding = [] }) => coding)
    .flatMap(({ system, code }) => (system === DCM_SYSTEM && code !== undefined ? [code] : []));
  const isXray = order.meta?.profile?.some((profile) => profile.split('|', 1)[0] === XRAY_ORDER) === true;
  const modalities = asked.length > 0 ? asked : isXray ? XRAY_MODALITIES : [''];
  return { ScheduledStationAETitle: anyStation, ScheduledStationName: '', modalities };
}

function descriptionOf({ code, bodySite = [] }: ServiceRequest): string {
  const parts = [code, ...bodySite].map(conceptText).filter((part) => part !== '');
  return [...new Set(parts)].join(', ');
}
