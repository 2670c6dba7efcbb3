import type { JsonObject } from '../../fhir/resource.ts';
import type { IncomingResource } from '../prepare.ts';

/** What is noted with the writes of a request. */
export interface WriteProvenance {
  /** Who writes, as Provenance.agent: of devices, and of who acts for another. Makes Provenances of the server's own. */
  agent?: JsonObject;
  /** A Provenance that the client sends along, without targets. */
  given?: IncomingResource;
}

/** Namespace of the ids of clients in Provenances. */
export const CLIENT_SYSTEM = 'https://maxray.example/fhir/identifier/client';
const PARTICIPANT = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

/** Types of profiles of clients that write what nobody else has said: apps and other systems only pass it on. */
const DEVICES = /^(?:Bot|Device)\//;
/** Types that Provenance.agent.who refers to; others are named by an identifier. */
const AGENTS = /^(?:Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)\//;

export interface Writer {
  clientId: string;
  userId?: string | undefined;
  /** `Practitioner/1`, or of a client that acts as itself, itself. */
  profile: string | undefined;
  /** Whom a RelatedPerson belongs to. */
  relatedTo?: string | undefined;
}

/** The agent of what somebody writes; undefined for those who write for themselves: that they did is in the audit log. */
export function agentOf({ clientId, userId, profile, relatedTo }: Writer): JsonObject | undefined {
  if (userId === undefined)
    return profile !== undefined && DEVICES.test(profile)
      ? agent('assembler', whoOf(profile, clientId))
      : undefined;
  return relatedTo === undefined ? undefined : agent('author', whoOf(profile, clientId), relatedTo);
}

/** The agent of what somebody decides, whoever it is. */
export const authorOf = (writer: Writer): JsonObject =>
  agent('author', whoOf(writer.profile, writer.clientId));

/** The agent of what somebody writes for another. */
export const agentFor = (writer: Writer, onBehalfOf: string): JsonObject =>
  agent(
    writer.userId === undefined ? 'assembler' : 'author',
    whoOf(writer.profile, writer.clientId),
    onBehalfOf,
  );

function agent(code: string, who: JsonObject, onBehalfOf?: string): JsonObject {
  return {
    type: { coding: [{ system: PARTICIPANT, code }] },
    who,
    ...(onBehalfOf !== undefined && { onBehalfOf: { reference: onBehalfOf } }),
  };
}

const whoOf = (profile: string | undefined, clientId: string): JsonObject =>
  profile !== undefined && AGENTS.test(profile)
    ? { reference: profile }
    : { type: 'Device', identifier: { system: CLIENT_SYSTEM, value: clientId } };
