import type { Basic, ElementDefinition, ImplementationGuide } from '@medplum/fhirtypes';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { loadProfiles, type ProfileResource } from './definitions.ts';
import { implementationGuide } from './guide.ts';
import { loadTopics } from './topics.ts';

/** What a server has of this workspace. */
export type PublishedResource =
  ProfileResource | (ImplementationGuide & { id: string }) | (Basic & { id: string });

const SNAPSHOTS = path.join(import.meta.dirname, '..', 'snapshots');

/** All definitions as others need them: profiles with their snapshots, the guide that lists them, and the topics of events. Reads the files anew at each call. */
export function loadPublished(): PublishedResource[] {
  const definitions = loadProfiles();
  return [...definitions.map(withSnapshot), implementationGuide(definitions), ...loadTopics()];
}

function withSnapshot(definition: ProfileResource): ProfileResource {
  if (definition.resourceType !== 'StructureDefinition') return definition;
  const { differential, ...rest } = definition;
  const text = readFileSync(path.join(SNAPSHOTS, `StructureDefinition-${definition.id}.json`), 'utf8');
  const element = JSON.parse(text) as ElementDefinition[];
  return { ...rest, snapshot: { element }, ...(differential && { differential }) };
}
