import type { Config } from '../config/schema.ts';
import { messageOf } from '../errors.ts';
import { epochMs } from '../fields/instant.ts';
import { type Credential, readClientCertificate } from '../identity/credential.ts';
import type { SinkProgress, SourceProgress } from '../store/store.ts';
import { credentialUrgentBeforeMs, credentialWarnBeforeMs } from './credential-expiry.ts';

/** A source that has not been read for this long beyond its schedule is behind, ms. */
const toleratedLagMs = 15 * 60_000;
/** A source that is behind and whose watermark has moved within this time is catching up, ms. */
const toleratedStandstillMs = 10 * 60_000;
/** A watermark this far ahead of the clock of this machine says that the clock is wrong, ms. */
const toleratedLeadMs = 60_000;
/** An event that has waited this long for its sink is late, ms. */
const toleratedWaitMs = 5 * 60_000;

/** How one source, sink or credential is. */
export interface Finding {
  readonly name: string;
  readonly healthy: boolean;
  /** What is wrong, or worth a word; empty when nothing is. */
  readonly problem: string;
}

/** How a source is. `lagMs`: how far the watermark is behind now; `lastSuccess`: when a run ended well, ISO 8601. */
export interface SourceHealth extends Finding {
  readonly type: string;
  readonly tenant: string;
  readonly watermark: string | undefined;
  readonly lagMs: number | undefined;
  readonly lastSuccess: string | undefined;
  readonly accepted: number;
  readonly repeated: number;
}

/** How a sink is. `waitingMs`: how long the oldest event still to be looked at has waited. */
export interface SinkHealth extends Finding {
  readonly type: string;
  readonly offset: number;
  readonly backlog: number;
  readonly waitingMs: number | undefined;
  readonly deadLetters: number;
}

/** How a tenant's credential is. `expires`: ISO 8601, where it can be known. */
export interface CredentialHealth extends Finding {
  readonly kind: Credential['kind'];
  readonly expires: string | undefined;
}

/** What `status` tells. */
export interface Health {
  readonly healthy: boolean;
  readonly sources: readonly SourceHealth[];
  readonly sinks: readonly SinkHealth[];
  readonly credentials: readonly CredentialHealth[];
}

/** Returns how the configured sources, sinks and credentials are, from what the store holds. */
export function assessHealth(
  config: Config,
  progress: { readonly sources: readonly SourceProgress[]; readonly sinks: readonly SinkProgress[] },
  nowMs: number,
): Health {
  const sources = config.sources.map((source) =>
    assessSource(
      source,
      progress.sources.find((known) => known.source === source.name),
      nowMs,
    ),
  );
  const sinks = config.sinks.map((sink) =>
    assessSink(
      sink,
      progress.sinks.find((known) => known.sink === sink.name),
      nowMs,
    ),
  );
  const credentials = config.tenants.map(({ name, auth }) => assessCredential(name, auth, nowMs));
  return {
    healthy: [...sources, ...sinks, ...credentials].every(({ healthy }) => healthy),
    sources,
    sinks,
    credentials,
  };
}

function assessSource(
  { name, type, tenant, schedule }: Config['sources'][number],
  progress: SourceProgress | undefined,
  nowMs: number,
): SourceHealth {
  const { watermark, movedAtMs, lastSuccessMs, lastError } = progress ?? {};
  const lagMs = watermark === undefined ? undefined : nowMs - epochMs(watermark);
  const toleratedMs =
    'everyMs' in schedule ? toleratedLagMs + 3 * schedule.everyMs : Number.POSITIVE_INFINITY;
  const behind = lagMs !== undefined && lagMs > toleratedMs;
  const catchingUp = behind && movedAtMs !== undefined && nowMs - movedAtMs <= toleratedStandstillMs;
  const note = catchingUp && lastError === undefined;
  const problem = lastError ?? (catchingUp ? 'is catching up' : standstill(lagMs, behind));
  return {
    name,
    type,
    tenant,
    watermark,
    lagMs,
    lastSuccess: lastSuccessMs === undefined ? undefined : new Date(lastSuccessMs).toISOString(),
    accepted: progress?.accepted ?? 0,
    repeated: progress?.repeated ?? 0,
    healthy: note || problem === '',
    problem,
  };
}

function standstill(lagMs: number | undefined, behind: boolean): string {
  if (lagMs === undefined) return 'has not been read to the end of a window yet';
  if (lagMs < -toleratedLeadMs)
    return 'was read up to a time that is still to come: set the clock of this machine right';
  return behind ? 'is behind its schedule' : '';
}

function assessSink(
  { name, type }: Config['sinks'][number],
  progress: SinkProgress | undefined,
  nowMs: number,
): SinkHealth {
  const oldest = progress?.oldestAcceptedAtMs;
  const waitingMs = oldest === undefined ? undefined : nowMs - oldest;
  const deadLetters = progress?.deadLetters ?? 0;
  const late = waitingMs !== undefined && waitingMs > toleratedWaitMs;
  const problem =
    progress?.lastError ??
    (late ? 'delivers late' : deadLetters > 0 ? `has refused ${deadLetters} for good (dead letters)` : '');
  return {
    name,
    type,
    offset: progress?.offset ?? 0,
    backlog: progress?.backlog ?? 0,
    waitingMs,
    deadLetters,
    healthy: problem === '',
    problem,
  };
}

function assessCredential(name: string, credential: Credential, nowMs: number): CredentialHealth {
  const { kind } = credential;
  if (kind !== 'certificate') return { name, kind, expires: undefined, healthy: true, problem: '' };
  try {
    const leftMs = readClientCertificate(credential).notAfterMs - nowMs;
    const days = Math.floor(leftMs / 86_400_000);
    const problem =
      leftMs <= 0
        ? 'has expired: register a new certificate'
        : leftMs < credentialWarnBeforeMs
          ? `expires in ${days} days`
          : '';
    return {
      name,
      kind,
      expires: new Date(nowMs + leftMs).toISOString(),
      healthy: leftMs > credentialUrgentBeforeMs,
      problem,
    };
  } catch (error) {
    return { name, kind, expires: undefined, healthy: false, problem: messageOf(error) };
  }
}
