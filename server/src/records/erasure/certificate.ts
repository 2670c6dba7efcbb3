import { createHash, randomBytes } from 'node:crypto';
import type { Resource } from '../../fhir/resource.ts';

export const CERTIFICATE_SYSTEM = 'https://maxray.example/fhir/CodeSystem/document-type';
export const CERTIFICATE_CODE = 'erasure-certificate';

/** What was done to the resources of a type. */
export interface TypeCount {
  type: string;
  resources: number;
  versions: number;
}

/** What an erasure did, or would do. */
export interface ErasureCounts {
  erased: readonly TypeCount[];
  /** Resources that stay, without what named the erased, by type; `versions`: superseded ones whose content went. */
  changed: readonly TypeCount[];
  /** Files of the blob storage. */
  files: number;
  /** Studies whose images go from the archive, some time after the rest. */
  studies: number;
}

export interface CertificateFacts extends ErasureCounts {
  id: string;
  /** `User/1` or `ClientApplication/1` */
  by: string;
  reason: string;
  at: Date;
  /** `Type/id` of all that was erased, sorted. */
  names: readonly string[];
}

const SALT_BYTES = 16;

/**
 * The proof that somebody was erased: a DocumentReference without any data of the patient's. Who has the list of what was erased (the
 * patient's own export) can show that this certificate is about it: `names-sha256` is the SHA-256 of the salt, and then of each
 * `Type/id` on a line of its own, sorted by their bytes.
 */
export function certificateOf(facts: CertificateFacts): Resource {
  const salt = randomBytes(SALT_BYTES).toString('hex');
  const parameters = JSON.stringify({
    resourceType: 'Parameters',
    parameter: [
      { name: 'recorded', valueInstant: facts.at.toISOString() },
      { name: 'by', valueString: facts.by },
      { name: 'reason', valueString: facts.reason },
      ...countParameters(facts),
      { name: 'names-salt', valueString: salt },
      { name: 'names-sha256', valueString: namesHash(salt, facts.names) },
    ],
  });
  return {
    resourceType: 'DocumentReference',
    id: facts.id,
    status: 'current',
    docStatus: 'final',
    type: {
      coding: [{ system: CERTIFICATE_SYSTEM, code: CERTIFICATE_CODE, display: 'Certificate of erasure' }],
    },
    date: facts.at.toISOString(),
    description: 'Certificate: all that was stored of a patient has been erased.',
    content: [
      {
        attachment: {
          contentType: 'application/fhir+json',
          data: Buffer.from(parameters).toString('base64'),
          size: Buffer.byteLength(parameters),
          hash: createHash('sha1').update(parameters).digest('base64'), // as FHIR has it
          title: `SHA-256 ${createHash('sha256').update(parameters).digest('hex')}`,
        },
      },
    ],
  };
}

/** The counts as parameters of a Parameters resource. */
export function countParameters({ erased, changed, files, studies }: ErasureCounts): object[] {
  const part = (name: string) => (count: TypeCount) => ({
    name,
    part: [
      { name: 'type', valueCode: count.type },
      { name: 'resources', valueInteger: count.resources },
      { name: 'versions', valueInteger: count.versions },
    ],
  });
  return [
    ...erased.map(part('erased')),
    ...changed.map(part('changed')),
    { name: 'files', valueInteger: files },
    { name: 'studies', valueInteger: studies },
  ];
}

/** See {@link certificateOf}. */
export function namesHash(salt: string, names: readonly string[]): string {
  const hash = createHash('sha256').update(salt);
  for (const name of names) hash.update(`\n${name}`);
  return hash.digest('hex');
}
