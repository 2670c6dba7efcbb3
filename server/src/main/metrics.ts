import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Upper bounds of the latency classes. */
const LATENCY_BUCKETS_S = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

export interface Metrics {
  registry: Registry;
  answered(interaction: string, status: number, seconds: number): void;
  /** A request was refused by a rate limit. */
  limited(limit: string): void;
  /** A run of a bot ended. @param outcome `done`, or how it failed */
  botRan(outcome: string): void;
}

/** The process's metrics in a registry of its own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'maxray_fhir_requests_total',
    help: 'FHIR requests answered, by interaction and status',
    labelNames: ['interaction', 'status'] as const,
    registers: [registry],
  });
  const latency = new Histogram({
    name: 'maxray_fhir_request_seconds',
    help: 'Time from request to answer, by interaction',
    labelNames: ['interaction'] as const,
    buckets: LATENCY_BUCKETS_S,
    registers: [registry],
  });
  const limited = new Counter({
    name: 'maxray_rate_limited_total',
    help: 'Requests refused by a rate limit: that of an address, a user or a client',
    labelNames: ['limit'] as const,
    registers: [registry],
  });
  const botRuns = new Counter({
    name: 'maxray_bot_runs_total',
    help: 'Runs of bots that ended, by outcome: done, or how they failed',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  const known = new Map<string, Meter>();
  return {
    registry,
    limited: (limit) => limited.inc({ limit }),
    botRan: (outcome) => botRuns.inc({ outcome }),
    answered(interaction, status, seconds) {
      let meter = known.get(interaction);
      if (!meter) {
        const { observe } = latency.labels(interaction);
        known.set(interaction, (meter = { observe, counters: new Map() }));
      }
      let counter = meter.counters.get(status);
      if (!counter) meter.counters.set(status, (counter = requests.labels(interaction, String(status))));
      counter.inc();
      meter.observe(seconds);
    },
  };
}

/** What measures answers to one interaction. Labels are named once: that costs the library as much as measuring does. */
interface Meter {
  observe(seconds: number): void;
  counters: Map<number, Counter.Internal>;
}
