import type { Config } from '../config/schema.ts';
import { epochMs } from '../fields/instant.ts';
import type { Credential } from '../identity/credential.ts';
import { type JobState, jobState } from '../jobs/describe.ts';
import type { Audit, Gap, SinkProgress, SourceProgress, StoredJob, StoreReader } from '../store/store.ts';
import { assessCredential, type CredentialHealth } from './credential-health.ts';
import { nearPart } from './room.ts';
import { type Standing, standingOf } from './standing.ts';
import { type HealthTotals, totalsOf } from './totals.ts';

/** An event that has waited this long for its sink is late, ms. */
const toleratedWaitMs = 5 * 60_000;

/** How one source, sink or credential is. */
export interface Finding {
  readonly name: string;
  readonly healthy: boolean;
  /** What is wrong, or worth a word; empty when nothing is. */
  readonly problem: string;
}

/** What the last completeness audit of a source came to. `at`: when it ended, ISO 8601. */
export interface AuditHealth extends Omit<Audit, 'atMs'> {
  readonly at: string;
}

/**
 * How a source is. `lagMs`: how far the watermark is behind now; `lastSuccess`: when a run ended well, ISO 8601;
 * `overlapMs`: how far runs read again behind the watermark; `lateMs`: what 999 of 1000 records are not later than;
 * `gaps`: spans set aside.
 */
export interface SourceHealth extends Finding {
  readonly type: string;
  readonly tenant: string;
  readonly watermark: string | undefined;
  readonly lagMs: number | undefined;
  readonly lastSuccess: string | undefined;
  readonly accepted: number;
  readonly repeated: number;
  readonly overlapMs: number | undefined;
  readonly lateMs: number | undefined;
  readonly audit: AuditHealth | undefined;
  readonly gaps: number;
  readonly oldestGap: Pick<Gap, 'from' | 'to' | 'reason' | 'attempts'> | undefined;
}

/** How a sink is. `waitingMs`: how long the oldest event still to be looked at has waited. */
export interface SinkHealth extends Finding {
  readonly type: string;
  readonly offset: number;
  readonly backlog: number;
  readonly waitingMs: number | undefined;
  readonly deadLetters: number;
}

/** How the store is. */
export interface StoreHealth extends Finding {
  /** Undefined where the store is damaged. */
  readonly bytes: number | undefined;
  /** `store.maxBytes`, at which collection pauses. */
  readonly maxBytes: number;
}

/** What `status` tells. */
export interface Health {
  readonly healthy: boolean;
  readonly totals: HealthTotals;
  readonly store: StoreHealth;
  readonly sources: readonly SourceHealth[];
  readonly sinks: readonly SinkHealth[];
  readonly credentials: readonly CredentialHealth[];
  /** Replays and backfills, the newest first: all that are not over, and the last that are. */
  readonly jobs: readonly JobState[];
}

/** What health is told from; of a damaged store, what can be read of it. */
export interface HealthFacts {
  readonly sources: readonly SourceProgress[];
  readonly sinks: readonly SinkProgress[];
  readonly jobs?: readonly StoredJob[];
  /** The oldest first. */
  readonly gaps?: readonly Gap[];
  readonly bytes?: number;
}

/** Reads from the store what health is told from. Throws as the store does. */
export async function readHealthFacts(store: StoreReader): Promise<HealthFacts> {
  return {
    ...(await store.progress()),
    jobs: await store.jobs(),
    gaps: await store.gaps(),
    bytes: await store.bytes(),
  };
}

/**
 * Resolves with how the store and the configured sources, sinks and credentials are, from what the store and the
 * credentials' files hold. Never rejects.
 */
export async function assessHealth(config: Config, progress: HealthFacts, nowMs: number): Promise<Health> {
  const store = assessStore(config.store.maxBytes, progress.bytes);
  const known = new Map(progress.sources.map((each) => [each.source, each]));
  const oldestGaps = new Map(progress.gaps?.toReversed().map((gap) => [gap.source, gap]));
  const sources = config.sources.map((source) =>
    assessSource(source, known.get(source.name), oldestGaps.get(source.name), nowMs),
  );
  const sinks = config.sinks.map((sink) =>
    assessSink(
      sink,
      progress.sinks.find((known) => known.sink === sink.name),
      nowMs,
    ),
  );
  // The customers of a group have one credential, which is looked at once.
  const shared = new Map<Credential, ReturnType<typeof assessCredential>>();
  const credentials = await Promise.all(
    config.tenants.map(async ({ name, id, auth }) => {
      const assessing = shared.get(auth) ?? assessCredential(auth, nowMs);
      shared.set(auth, assessing);
      const healthWith = await assessing;
      return healthWith({ name, id });
    }),
  );
  return {
    healthy: [store, ...sources, ...sinks, ...credentials].every(({ healthy }) => healthy),
    totals: totalsOf({ sources, sinks, credentials }),
    store,
    sources,
    sinks,
    credentials,
    jobs: (progress.jobs ?? []).map(jobState),
  };
}

function assessSource(
  { name, type, tenant, schedule }: Config['sources'][number],
  progress: SourceProgress | undefined,
  oldestGap: Gap | undefined,
  nowMs: number,
): SourceHealth {
  const { watermark, lastSuccessMs, lastError, lateness, audit, gaps = 0 } = progress ?? {};
  const standing = standingOf(schedule, progress, nowMs);
  const problems = [
    withoutQueries(lastError) ?? (standing === 'catching-up' ? '' : standingWords[standing]),
    gapWords(gaps, oldestGap),
    auditWords(audit),
  ].filter((words) => words !== '');
  const note = lastError === undefined && standing === 'catching-up' ? [standingWords[standing]] : [];
  return {
    name,
    type,
    tenant,
    watermark,
    lagMs: watermark === undefined ? undefined : nowMs - epochMs(watermark),
    lastSuccess: lastSuccessMs === undefined ? undefined : new Date(lastSuccessMs).toISOString(),
    accepted: progress?.accepted ?? 0,
    repeated: progress?.repeated ?? 0,
    overlapMs: lateness?.overlapMs,
    lateMs: lateness?.p999Ms,
    audit: audit === undefined ? undefined : auditHealth(audit),
    gaps,
    oldestGap:
      oldestGap === undefined
        ? undefined
        : {
            from: oldestGap.from,
            to: oldestGap.to,
            reason: oldestGap.reason,
            attempts: oldestGap.attempts,
          },
    healthy: problems.length === 0,
    problem: [...problems, ...note].join('; '),
  };
}

/** What was asked of the API, filter and all, stands in the log: here it would hide why it failed. */
function withoutQueries(reason: string | undefined): string | undefined {
  return reason?.replace(/(https?:\/\/[^\s?]+)\?\S*(?=: )/g, '$1');
}

const standingWords: Readonly<Record<Standing, string>> = {
  unread: 'has not been read to the end of a window yet',
  ahead: 'was read up to a time that is still to come: set the clock of this machine right',
  'on-time': '',
  'catching-up': 'is catching up',
  stalled: 'is behind its schedule',
};

function gapWords(gaps: number, oldest: Gap | undefined): string {
  if (gaps === 0) return '';
  const spans = `${gaps === 1 ? 'a span' : `${gaps} spans`} could not be read and ${gaps === 1 ? 'is' : 'are'} set aside, to be tried again`;
  if (oldest === undefined) return `${spans}: the log says why`;
  const { from, to, attempts, reason } = oldest;
  return `${spans}; ${gaps === 1 ? 'it is' : 'the oldest is'} ${from} to ${to}, tried ${attempts === 1 ? 'once' : `${attempts} times`}: ${withoutQueries(reason)}`;
}

function auditWords(audit: Audit | undefined): string {
  const missing = audit === undefined ? 0 : audit.expected - audit.accepted - audit.healed;
  return missing === 0 ? '' : `the last audit found ${missing} records missing that it could not fetch`;
}

function auditHealth({ from, to, expected, accepted, healed, atMs }: Audit): AuditHealth {
  return { from, to, expected, accepted, healed, at: new Date(atMs).toISOString() };
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
    progress?.lastError?.replace(`sink ${name}: `, '') ??
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

function assessStore(maxBytes: number, bytes: number | undefined): StoreHealth {
  const part = (bytes ?? 0) / maxBytes;
  const problem =
    part >= 1
      ? 'has reached store.maxBytes, collection pauses: mend the sinks that have a backlog, or raise store.maxBytes'
      : part >= nearPart
        ? `takes ${Math.floor(100 * part)} % of store.maxBytes, at which collection pauses: see the sinks' backlog`
        : '';
  return { name: 'store', bytes, maxBytes, healthy: part < 1, problem };
}
