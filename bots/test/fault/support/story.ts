import type { Resource } from '@medplum/fhirtypes';
import { ADA } from '../../notifications/world.ts';
import type { Gateways } from './gateways.ts';
import type { PersistentClient, Stored } from './persistentClient.ts';

/** Who writes what happens, and who is outside. */
export interface Stage {
  client: PersistentClient;
  gateways: Gateways;
}

/** What happens to one patient. The patient's id is in the ids of all that is written here. */
export interface Story {
  /** Of the bots, by their folders, that have to do something. */
  bots: readonly string[];
  /** Writes it, and waits until most has come of it. @param id of the patient, who is there already */
  tell(stage: Stage, id: string): Promise<void>;
  /** What there is of it in the end, as `effectOf` says it: of each event one thing of each. */
  effects: readonly string[];
}

export const DOCTOR = { reference: 'Practitioner/okafor' };
export const now = (): string => new Date().toISOString();
export const subjectOf = (id: string) => ({ reference: `Patient/${id}` });

/** A resource of a story, without the types of all that it might be. */
export const resource = (one: { resourceType: string; id: string; [element: string]: unknown }): Stored =>
  one as unknown as Stored<Resource>;

/** Somebody who can be told in all ways. */
export const patientOf = (id: string): Stored => ({ ...ADA, id });
