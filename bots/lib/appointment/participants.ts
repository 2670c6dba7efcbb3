import type { MedplumClient } from '@medplum/core';
import type { Appointment, Location, Reference } from '@medplum/fhirtypes';
import { peopleBehind } from '../notify/recipients.ts';
import type { Values } from '../wording/wording.ts';
import type { Person } from '../person/person.ts';
import { readIfThere } from '../person/person.ts';
import { statedTimeZone } from '../person/timeZone.ts';

/** Who takes part in an appointment, besides those who have declined. */
export function participantsOf(
  medplum: MedplumClient,
  { participant }: Appointment,
): Promise<Reference<Person>[]> {
  const attending = participant.filter(({ status }) => status !== 'declined');
  return peopleBehind(
    medplum,
    attending.map(({ actor }) => actor),
  );
}

/** Where an appointment is, as messages tell it: its name, and the time zone that it says. */
export async function placeOf(medplum: MedplumClient, { participant }: Appointment): Promise<Values> {
  const actor = participant.find((one) => one.actor?.reference?.startsWith('Location/'))?.actor;
  const location = await readIfThere(medplum, actor as Reference<Location> | undefined);
  const name = actor?.display ?? location?.name;
  const timeZone = statedTimeZone(location);
  return { ...(name !== undefined && { place: name }), ...(timeZone !== undefined && { timeZone }) };
}
