import type { Location, Organization, PractitionerRoleAvailableTime, Resource } from '@medplum/fhirtypes';
import { concept, hl7, text } from '../kit/concept.ts';
import { refer } from '../kit/bundle.ts';
import { email, houseIdentifier, phone, providerNumber } from '../kit/identify.ts';
import { claiming, geofenceRadius } from '../kit/maxray.ts';
import { address, PHOENIX, position } from '../kit/place.ts';

const NAME = {
  clinic: 'MaxRay Demo Clinic',
  laboratory: 'MaxRay Demo Laboratory',
  pharmacy: 'Ocotillo Pharmacy',
  ambulance: 'Sonora Mobile Care and Ambulance',
} as const;

export const ORGANIZATION = {
  clinic: refer<Organization>('Organization', 'demo-clinic', NAME.clinic),
  laboratory: refer<Organization>('Organization', 'demo-laboratory', NAME.laboratory),
  pharmacy: refer<Organization>('Organization', 'demo-pharmacy', NAME.pharmacy),
  ambulance: refer<Organization>('Organization', 'demo-ambulance', NAME.ambulance),
} as const;

export const LOCATION = {
  clinic: refer<Location>('Location', 'demo-clinic', NAME.clinic),
  laboratory: refer<Location>('Location', 'demo-laboratory', NAME.laboratory),
  pharmacy: refer<Location>('Location', 'demo-pharmacy', NAME.pharmacy),
  ambulance: refer<Location>('Location', 'demo-ambulance-base', `${NAME.ambulance}, base`),
  vehicle1: refer<Location>('Location', 'demo-ambulance-1', 'Ambulance 1'),
  vehicle2: refer<Location>('Location', 'demo-ambulance-2', 'Ambulance 2'),
  virtual: refer<Location>('Location', 'demo-virtual-room', 'Teleconsultation room'),
  area: refer<Location>('Location', 'demo-area', 'Phoenix and 150 km around it'),
} as const;

/** How far from Phoenix people live whom a crew can reach. */
const AREA_RADIUS_M = 150_000;

/** When the clinic is open. */
export const HOURS: PractitionerRoleAvailableTime = {
  daysOfWeek: ['mon', 'tue', 'wed', 'thu', 'fri'],
  availableStartTime: '08:00:00',
  availableEndTime: '16:00:00',
};

/** Departments and buildings, and the vehicles with where they stand. */
export function places(): Resource[] {
  return [...organizations(), ...buildings(), ...vehicles(), virtualRoom(), area()];
}

function organizations(): Organization[] {
  const provider = concept(hl7('organization-type', 'prov', 'Healthcare Provider'));
  return (Object.keys(NAME) as (keyof typeof NAME)[]).map((key, index) => ({
    resourceType: 'Organization',
    id: `demo-${key}`,
    identifier: [providerNumber(5_100_200 + index)],
    active: true,
    type: [provider],
    name: NAME[key],
    telecom: [phone(index + 1, 'work'), email('desk', `${key}.maxray.example`, 'work')],
    address: [address(PHOENIX, `${100 + index * 20} North Ocotillo Road`)],
    ...(key !== 'clinic' && { partOf: ORGANIZATION.clinic }),
  }));
}

const SITES = [
  { id: 'demo-clinic', of: 'clinic', role: hl7('v3-RoleCode', 'OF', 'Outpatient facility'), north: 0 },
  {
    id: 'demo-laboratory',
    of: 'laboratory',
    role: hl7('v3-RoleCode', 'HLAB', 'hospital laboratory'),
    north: 0.0004,
  },
  { id: 'demo-pharmacy', of: 'pharmacy', role: hl7('v3-RoleCode', 'PHARM', 'Pharmacy'), north: 0.0011 },
  { id: 'demo-ambulance-base', of: 'ambulance', role: hl7('v3-RoleCode', 'AMB', 'Ambulance'), north: 0.0019 },
] as const;

function buildings(): Location[] {
  return SITES.map((site, index) => ({
    resourceType: 'Location',
    id: site.id,
    status: 'active',
    name: NAME[site.of],
    mode: 'instance',
    type: [concept(site.role)],
    telecom: [phone(index + 1, 'work')],
    address: address(PHOENIX, `${100 + index * 20} North Ocotillo Road`),
    physicalType: concept(hl7('location-physical-type', 'bu', 'Building')),
    position: position(PHOENIX.latitude + site.north, PHOENIX.longitude),
    managingOrganization: ORGANIZATION[site.of],
    hoursOfOperation: [
      { daysOfWeek: ['mon', 'tue', 'wed', 'thu', 'fri'], openingTime: '08:00:00', closingTime: '16:00:00' },
    ],
  }));
}

function vehicles(): Location[] {
  return [1, 2].map((number) => ({
    resourceType: 'Location',
    id: `demo-ambulance-${number}`,
    identifier: [houseIdentifier('vehicle', `AMB-${number}`)],
    status: 'active',
    operationalStatus: hl7('v2-0116', 'U', 'Unoccupied'),
    name: `Ambulance ${number}`,
    description: 'Carries a portable X-ray unit; its position is the last one reported.',
    mode: 'instance',
    type: [concept(hl7('v3-RoleCode', 'AMB', 'Ambulance'))],
    physicalType: concept(hl7('location-physical-type', 've', 'Vehicle')),
    position: position(PHOENIX.latitude + number * 0.031, PHOENIX.longitude - number * 0.047),
    managingOrganization: ORGANIZATION.ambulance,
    partOf: LOCATION.ambulance,
  }));
}

function virtualRoom(): Location {
  return {
    resourceType: 'Location',
    id: 'demo-virtual-room',
    status: 'active',
    name: 'Teleconsultation room',
    mode: 'kind',
    type: [text('Video conference')],
    managingOrganization: ORGANIZATION.clinic,
  };
}

/** Where the clinic's crews can help: consultations about something new are for people who are there. */
function area(): Location {
  return {
    resourceType: 'Location',
    id: 'demo-area',
    meta: claiming('geofenced-location'),
    extension: [geofenceRadius(AREA_RADIUS_M)],
    status: 'active',
    name: 'Phoenix and 150 km around it',
    mode: 'instance',
    physicalType: concept(hl7('location-physical-type', 'area', 'Area')),
    position: position(PHOENIX.latitude, PHOENIX.longitude),
    managingOrganization: ORGANIZATION.ambulance,
  };
}
