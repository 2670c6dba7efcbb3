import type { MedplumClient } from '@medplum/core';
import type { Communication, Extension, Reference } from '@medplum/fhirtypes';
import type { Person } from '../person/person.ts';
import type { Kind } from './codes.ts';
import {
  concept,
  KIND_SYSTEM,
  NOTIFICATION_PROFILE,
  NOTIFICATION_SYSTEM,
  WINDOW_EXTENSION,
} from './codes.ts';
import type { Template } from './template.ts';
import { templateExtension } from './template.ts';

/** Somebody is to be told something: a notice. The bot `notify` finds the words and the channels. */
export interface Notice {
  /** The same for the same event, person and template: a notice is made once under it. */
  key: string;
  kind: Kind;
  to: Reference<Person>;
  template: Template;
  /** What it is about, as `Appointment/1`. */
  about: string;
  /** `stat` and `asap` break quiet hours. */
  priority?: Communication['priority'];
  /** An instant after which it is of no use. */
  until?: string;
}

/** A key of a notice about one version of a resource. */
export function versionKey(
  template: string,
  resource: { resourceType: string; id?: string; meta?: { versionId?: string } },
  to: Reference,
): string {
  const { resourceType, id, meta } = resource;
  return [template, resourceType, id, meta?.versionId, to.reference].join('/');
}

/** Creates notices, each once however often it is asked for. @returns them, as they are stored */
export async function tell(
  medplum: MedplumClient,
  notices: readonly Notice[],
): Promise<(Communication & { id: string })[]> {
  const stored = [];
  for (const notice of notices) {
    const query = `identifier=${encodeURIComponent(`${NOTIFICATION_SYSTEM}|${notice.key}`)}`;
    stored.push(await medplum.createResourceIfNoneExist(noticeResource(notice), query));
  }
  return stored;
}

/** A notice as FHIR has it. Its subject is the patient only where the patient is told, so that others' notices are not in the record. */
export function noticeResource(notice: Notice): Communication {
  const { key, kind, to, template, about, priority = 'routine', until } = notice;
  const extension: Extension[] = [templateExtension(template)];
  if (until !== undefined) extension.push({ url: WINDOW_EXTENSION, valuePeriod: { end: until } });
  return {
    resourceType: 'Communication',
    meta: { profile: [NOTIFICATION_PROFILE] },
    extension,
    identifier: [{ system: NOTIFICATION_SYSTEM, value: key }],
    status: 'preparation',
    category: [concept(KIND_SYSTEM, kind)],
    priority,
    ...(to.reference?.startsWith('Patient/') && { subject: to as Communication['subject'] }),
    about: [{ reference: about }],
    recipient: [to],
  };
}
