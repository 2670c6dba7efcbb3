import type { Device, Endpoint, Location, Reference, Resource } from '@medplum/fhirtypes';
import { concept, hl7, house, SYSTEM } from '../kit/concept.ts';
import { refer } from '../kit/bundle.ts';
import { houseIdentifier } from '../kit/identify.ts';
import { aeTitle, claiming, maxray } from '../kit/maxray.ts';
import { LOCATION, ORGANIZATION } from './places.ts';

/** The kind of image that the units make. */
export const DIGITAL_RADIOGRAPHY = { system: SYSTEM.dicom, code: 'DX', display: 'Digital Radiography' };

/** A portable X-ray unit and the ambulance that carries it. */
export interface XrayUnit {
  device: Reference<Device>;
  vehicle: Reference<Location>;
  /** DICOM application entity title. */
  aeTitle: string;
  stationName: string;
}

export const XRAY_UNITS: readonly [XrayUnit, XrayUnit] = [xrayUnit(1), xrayUnit(2)];

export const IMAGE_ARCHIVE: Reference<Endpoint> = refer(
  'Endpoint',
  'demo-dicomweb',
  'Image archive (DICOMweb)',
);
export const GATEWAY: Reference<Device> = refer('Device', 'demo-dicom-bridge', 'DICOM bridge');

function xrayUnit(number: 1 | 2): XrayUnit {
  return {
    device: refer('Device', `demo-xray-${number}`, `Portable X-ray unit ${number}`),
    vehicle: LOCATION[`vehicle${number}`],
    aeTitle: `MAXRAY_DX${number}`,
    stationName: `FIELD-DX-${number}`,
  };
}

/** Devices and the endpoints by which they are spoken to. */
export function equipment(): Resource[] {
  return [
    ...XRAY_UNITS.map(unitOf),
    gateway(),
    analyser(),
    archiveEndpoint(),
    ...XRAY_UNITS.map(unitEndpoint),
  ];
}

function unitOf(unit: XrayUnit, index: number): Device {
  return {
    resourceType: 'Device',
    id: `demo-xray-${index + 1}`,
    meta: claiming('xray-unit'),
    identifier: [houseIdentifier('device', `XR-000${index + 1}`), aeTitle(unit.aeTitle)],
    status: 'active',
    manufacturer: 'Demo Imaging Works',
    manufactureDate: `2024-0${index + 3}-01`,
    expirationDate: `2034-0${index + 3}-01`,
    serialNumber: `DIW-24-${4400 + index}`,
    deviceName: [{ name: `Portable X-ray unit ${index + 1}`, type: 'user-friendly-name' }],
    modelNumber: 'FieldView DX-2',
    type: concept(maxray('device', 'portable-xray', 'Portable digital X-ray unit')),
    version: [{ value: '3.2.1' }],
    property: [
      { type: concept(maxray('device', 'modality', 'Modality')), valueCode: [concept(DIGITAL_RADIOGRAPHY)] },
    ],
    owner: ORGANIZATION.ambulance,
    location: unit.vehicle,
  };
}

function gateway(): Device {
  return {
    resourceType: 'Device',
    id: 'demo-dicom-bridge',
    identifier: [aeTitle('MAXRAY')],
    status: 'active',
    deviceName: [{ name: 'DICOM bridge', type: 'user-friendly-name' }],
    type: concept(maxray('device', 'dicom-gateway', 'DICOM gateway')),
    owner: ORGANIZATION.clinic,
    location: LOCATION.clinic,
  };
}

function analyser(): Device {
  return {
    resourceType: 'Device',
    id: 'demo-analyser',
    identifier: [houseIdentifier('device', 'LAB-0001')],
    status: 'active',
    manufacturer: 'Demo Diagnostics',
    serialNumber: 'DD-9-1183',
    deviceName: [{ name: 'Chemistry and haematology analyser', type: 'user-friendly-name' }],
    type: concept(house('device-type', 'analyser', 'Laboratory analyser')),
    owner: ORGANIZATION.laboratory,
    location: LOCATION.laboratory,
  };
}

function archiveEndpoint(): Endpoint {
  return {
    resourceType: 'Endpoint',
    id: 'demo-dicomweb',
    status: 'active',
    connectionType: hl7('endpoint-connection-type', 'dicom-wado-rs', 'DICOM WADO-RS'),
    name: 'Image archive (DICOMweb)',
    managingOrganization: ORGANIZATION.clinic,
    payloadType: [{ text: 'DICOM' }],
    payloadMimeType: ['application/dicom'],
    address: 'http://127.0.0.1:8103/dicomweb',
  };
}

function unitEndpoint(unit: XrayUnit, index: number): Endpoint {
  return {
    resourceType: 'Endpoint',
    id: `demo-xray-${index + 1}`,
    meta: claiming('dicom-endpoint'),
    identifier: [aeTitle(unit.aeTitle)],
    status: 'off',
    connectionType: maxray('connection', 'dicom-dimse', 'DICOM messages'),
    name: `Portable X-ray unit ${index + 1}`,
    managingOrganization: ORGANIZATION.ambulance,
    payloadType: [{ text: 'DICOM' }],
    address: `dicom://127.0.0.1:${11113 + index}`,
  };
}
