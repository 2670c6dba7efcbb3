import type { TlsFiles } from './tlsFiles.ts';
import { destinationOf } from '../peers/destinations.ts';
import { UnitChecks } from '../units/unitChecks.ts';
import { UnitRecorder } from '../units/unitRecorder.ts';
import { UnitStates } from '../units/unitStates.ts';
import type { Lifetime } from './lifetime.ts';
import type { BridgeParts } from './parts.ts';

/** How X-ray units are, kept in the record. @returns told of a peer that has an association */
export function openUnits(
  { config: { aeTitle, echoMs }, allowList, server, log }: BridgeParts,
  lifetime: Lifetime,
  tls: TlsFiles | undefined,
): (aeTitle: string) => void {
  const recorder = new UnitRecorder({ server, log });
  lifetime.atEnd(() => recorder.stop());
  const states = new UnitStates((device, state) => recorder.record(device, state));
  const checks = new UnitChecks({
    ...{ aeTitle, states },
    peers: allowList,
    destinationOf: (peer) => destinationOf(peer, tls),
    intervalMs: echoMs,
  });
  lifetime.atEnd(() => checks.stop());
  checks.start();
  return (calling) => {
    const device = allowList.find(calling)?.device;
    if (device !== undefined) states.seen(device, Date.now());
  };
}
