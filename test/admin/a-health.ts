import type { CredentialHealth } from '../../src/app/credential-health.ts';
import type { Health, SinkHealth, SourceHealth, StoreHealth } from '../../src/app/health.ts';
import { totalsOf } from '../../src/app/totals.ts';
import { instantOf, parseInstant } from '../../src/fields/instant.ts';
import type { JobState } from '../../src/jobs/describe.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';

/** A source that is well and has been read, not a minute ago. */
export function aSource(changes: Partial<SourceHealth> = {}): SourceHealth {
  return {
    name: 'alerts',
    type: 'graph-alerts',
    tenant: 'contoso',
    watermark: parseInstant('2026-11-03T08:25:10.1234567Z'),
    lagMs: 60_000,
    lastSuccess: '2026-11-03T08:25:20.000Z',
    accepted: 12_345,
    repeated: 67,
    overlapMs: 900_000,
    lateMs: 30_500,
    audit: {
      from: instantOf(Date.parse('2026-11-01T08:00:00Z')),
      to: instantOf(Date.parse('2026-11-03T08:00:00Z')),
      expected: 9000,
      accepted: 8990,
      healed: 9,
      at: '2026-11-03T08:20:00.000Z',
    },
    gaps: 0,
    oldestGap: undefined,
    healthy: true,
    problem: '',
    ...changes,
  };
}

/** A sink that is well and has nothing to do. */
export function aSink(changes: Partial<SinkHealth> = {}): SinkHealth {
  return {
    name: 'siem',
    type: 'syslog',
    offset: 12_345,
    backlog: 0,
    waitingMs: undefined,
    deadLetters: 0,
    healthy: true,
    problem: '',
    ...changes,
  };
}

/** A credential that is well. */
export function aCredential(changes: Partial<CredentialHealth> = {}): CredentialHealth {
  return {
    name: 'contoso',
    kind: 'client-secret',
    expires: undefined,
    healthy: true,
    problem: '',
    ...changes,
  };
}

/** A replay that is done. */
export function aJob(changes: Partial<JobState> = {}): JobState {
  return {
    id: 7,
    kind: 'replay',
    name: 'siem',
    asked: '--sink siem --since 2h',
    state: 'done',
    progress: 'sent 120, refused 0',
    done: 120,
    created: '2026-11-03T08:20:00.000Z',
    ended: '2026-11-03T08:21:00.000Z',
    problem: '',
    ...changes,
  };
}

/** A store with room. */
export function aStore(changes: Partial<StoreHealth> = {}): StoreHealth {
  return { name: 'store', bytes: 65_536, maxBytes: 1_000_000, healthy: true, problem: '', ...changes };
}

/** All of them, well unless one of them is not. */
export function aHealth(changes: Partial<Omit<Health, 'healthy' | 'totals'>> = {}): Health {
  const parts = {
    store: aStore(),
    sources: [aSource()],
    sinks: [aSink()],
    credentials: [aCredential()],
    jobs: [],
    ...changes,
  };
  const healthy = [parts.store, ...parts.sources, ...parts.sinks, ...parts.credentials].every(
    (part) => part.healthy,
  );
  return { healthy, totals: totalsOf(parts), ...parts };
}

/** Counters of one source and one sink, each with a number of its own. */
export function someTelemetry(source = 'alerts', sink = 'siem'): Telemetry {
  const telemetry = new Telemetry();
  Object.assign(telemetry.source(source), {
    read: 110,
    accepted: 101,
    repeated: 9,
    unknownShape: 2,
    runs: 12,
    failures: 2,
    lastSuccessMs: Date.parse('2026-11-03T08:26:00.500Z'),
    lastError: 'API graph: 503 Service Unavailable',
  });
  Object.assign(telemetry.sink(sink), {
    delivered: 93,
    replayed: 17,
    deadLettered: 3,
    retried: 5,
    possiblyRepeated: 4,
    truncated: 6,
    passedOver: 7,
    failing: 'connect ECONNREFUSED',
    lagMs: 1250,
  });
  return telemetry;
}
