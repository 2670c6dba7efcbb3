import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { BridgeStatus } from './status.ts';

/** Measurements in the text format of Prometheus. */
export interface Metrics {
  contentType: string;
  text(): Promise<string>;
}

/** What Prometheus sees of the bridge: all of it follows from its status when it is asked. */
export function metricsOf(status: () => Promise<BridgeStatus>): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `maxray_dicom_${name}`, help, labelNames, registers: [registry] });
  const objects = gauge('objects', 'Objects that were received, by what has become of them', ['state']);
  const studies = gauge(
    'studies',
    'Studies by what the record says of them; failing: it does not take them',
    ['state'],
  );
  const steps = gauge(
    'steps',
    'Performed steps that the record does not have; failing: it does not take them',
    ['state'],
  );
  const erasures = gauge(
    'erasures',
    'Studies that are to be erased, and objects of them that are left; failing: studies whose last attempt failed',
    ['state'],
  );
  const activities = gauge(
    'activities',
    'Events for the audit log that the server has not taken yet; lost: not kept for it',
    ['state'],
  );
  const freeBytes = gauge('spool_free_bytes', 'Free on the disk of the spool');
  const freeBytesMin = gauge('spool_free_bytes_min', 'Objects are refused where less is free');
  const archive = gauge('archive_up', 'Whether the archive answers');
  const server = gauge('server_up', 'Whether the FHIR server has answered at the last attempt');
  const peers = gauge('peers', 'Peers that are admitted');
  const associations = gauge('associations', 'Associations that are open');
  const measure = async () => {
    const now = await status();
    objects.reset(); // a state that no object is in any more is not told
    for (const [state, count] of Object.entries(now.objects)) objects.set({ state }, count);
    for (const [state, count] of Object.entries(now.studies)) studies.set({ state }, count);
    for (const [state, count] of Object.entries(now.steps)) steps.set({ state }, count);
    for (const [state, count] of Object.entries(now.erasures)) erasures.set({ state }, count);
    for (const [state, count] of Object.entries(now.activities)) activities.set({ state }, count);
    freeBytes.set(now.spool.freeBytes);
    freeBytesMin.set(now.spool.freeBytesMin);
    archive.set(Number(now.archive.answers));
    server.set(Number(now.server.answers));
    peers.set(now.peers.admitted.length);
    associations.set(now.associations);
  };
  return {
    contentType: registry.contentType,
    text: async () => {
      await measure();
      return registry.metrics();
    },
  };
}
