import type { AccessPolicy } from '@medplum/fhirtypes';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const SERVICES = path.join(import.meta.dirname, '..', 'services');

/** What a program of MaxRay's own that signs in by itself may do. Reads the file anew at each call. */
export function loadServicePolicy(name: 'maxray-dicom-bridge'): AccessPolicy & { id: string; name: string } {
  const file = path.join(SERVICES, `AccessPolicy-${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as AccessPolicy & { id: string; name: string };
}
