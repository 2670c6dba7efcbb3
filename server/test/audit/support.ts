import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { auditLayout } from '../../src/audit/layout.ts';
import { OUTCOME, type AuditRecord } from '../../src/audit/record.ts';

/** A read of an Observation of a patient by a doctor. */
export const readRecord = (change: Partial<AuditRecord> = {}): AuditRecord => ({
  recordedMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  event: 'read',
  outcome: OUTCOME.success,
  agent: {
    client: 'ward-app',
    user: 'u1',
    userName: 'Dr Ada',
    profile: 'Practitioner/ada',
    roles: ['DOCTOR'],
  },
  address: '192.0.2.7',
  requestId: randomUUID(),
  patients: ['p1'],
  resources: ['Observation/o1'],
  ...change,
});

/** Folders of a test file; `cleanUp` removes them. */
export function folders() {
  const made: string[] = [];
  return {
    make(): string {
      const folder = mkdtempSync(path.join(tmpdir(), 'maxray-audit-'));
      made.push(folder);
      return folder;
    },
    cleanUp(): void {
      for (const folder of made) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Folders of the journals below a data folder, of whatever store. */
export function journalsIn(dataDir: string): string[] {
  const { journals } = auditLayout(dataDir);
  return readdirSync(journals).flatMap((store) => readdirSync(path.join(journals, store)));
}

/** Waits until something holds; a guard against hanging. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`it never happened that ${what}`);
    await sleep(10);
  }
}
