import { setTimeout as sleep } from 'node:timers/promises';
import type { ActivityLedger } from '../activity/activityLedger.ts';
import type { ImageArchive } from '../archive/imageArchive.ts';
import type { ErasureLedger } from '../erasure/erasureLedger.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { StudyLedger } from '../ledger/studyLedger.ts';
import type { Fault } from '../log/bridgeLog.ts';
import type { StepLedger } from '../mpps/stepLedger.ts';
import { IMPLEMENTATION_CLASS_UID } from '../objects/fileMeta.ts';
import type { Peer } from '../peers/peer.ts';
import type { Spool } from '../spool/spool.ts';

/** How the bridge is. */
export interface BridgeStatus {
  aeTitle: string;
  /** How many there are in each state (`Ledger`), and conflicts. */
  objects: Record<string, number>;
  studies: Record<string, number>;
  /** Performed steps that the record does not have as they are now, and how many of those it refuses. */
  steps: { waiting: number; failing: number };
  /** Studies that are to be erased and their objects that are not gone yet, and of how many studies the last attempt failed. */
  erasures: { studies: number; objects: number; failing: number };
  /** For the audit log of the server: those that it has not taken yet, and those that were not kept for it. */
  activities: { waiting: number; lost: number };
  spool: { freeBytes: number; freeBytesMin: number };
  archive: { kind: ArchiveKind; answers: boolean };
  server: { answers: boolean };
  /** Who is admitted, and by what that is known. */
  peers: { source: PeerSource; admitted: readonly Peer[]; ignored: readonly string[] };
  associations: number;
  /** The last of them, newest first. */
  faults: readonly Fault[];
}

export type ArchiveKind = 'files' | 'orthanc';
/** `configuration`: DICOM_ALLOW, as long as the record has none. */
export type PeerSource = 'record' | 'configuration';

export interface StatusParts {
  aeTitle: string;
  ledger: Pick<Ledger, 'counts'>;
  studies: Pick<StudyLedger, 'counts'>;
  steps: Pick<StepLedger, 'counts'>;
  erasures: Pick<ErasureLedger, 'counts'>;
  activities: Pick<ActivityLedger, 'counts'>;
  spool: Pick<Spool, 'freeBytes' | 'freeBytesMin'>;
  archive: ImageArchive;
  archiveKind: ArchiveKind;
  isServerAway: () => boolean;
  peers: () => BridgeStatus['peers'];
  associations: () => number;
  faults: () => readonly Fault[];
}

/** An archive that takes longer to say whether it has an object is called away. */
const ARCHIVE_MS_MAX = 3_000;

export async function statusOf(parts: StatusParts): Promise<BridgeStatus> {
  const { aeTitle, ledger, studies, steps, erasures, spool, archive, archiveKind } = parts;
  return {
    aeTitle,
    objects: ledger.counts(),
    studies: studies.counts(),
    steps: steps.counts(),
    activities: parts.activities.counts(),
    erasures: erasures.counts(),
    spool: { freeBytes: await spool.freeBytes(), freeBytesMin: spool.freeBytesMin },
    archive: { kind: archiveKind, answers: await answers(archive) },
    server: { answers: !parts.isServerAway() },
    peers: parts.peers(),
    associations: parts.associations(),
    faults: parts.faults(),
  };
}

/** It is asked for an object that it cannot have. */
async function answers(archive: ImageArchive): Promise<boolean> {
  const asked = archive.has(IMPLEMENTATION_CLASS_UID).then(
    () => true,
    () => false, // why, the uploads log
  );
  return Promise.race([asked, sleep(ARCHIVE_MS_MAX, false, { ref: false })]);
}
