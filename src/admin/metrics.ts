import type { CredentialHealth } from '../app/credential-health.ts';
import type { Health, SinkHealth, SourceHealth } from '../app/health.ts';
import type { SinkTotals, SourceTotals, Telemetry } from '../runtime/telemetry.ts';
import { epochSeconds, type Metric, seconds } from './metric.ts';
import { whole } from './overall-metrics.ts';

/** What the metrics tell about; what the store did not answer is undefined, and its metrics are left out. */
export interface MetricsState {
  readonly telemetry: Pick<Telemetry, 'sources' | 'sinks'>;
  readonly health: Health | undefined;
  readonly storeBytes: number | undefined;
  readonly process: ProcessFacts;
}

/** What the metrics tell about the process itself. */
export interface ProcessFacts {
  readonly version: string;
  readonly nodeVersion: string;
  readonly residentBytes: number;
  /** ms since 1970. */
  readonly startedAtMs: number;
}

type Labels = Readonly<Record<string, string>>;

/** The content type of the text format. */
export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Returns the metrics in the Prometheus text format 0.0.4. Counters begin anew with the process; a configuration
 * loaded anew goes on with those of the sources and sinks that it still names. Times are seconds, sizes bytes.
 */
export function metricsText({ telemetry, health, storeBytes, process }: MetricsState): string {
  const named = <Subject extends { readonly name: string }>(label: string, all: readonly Subject[] = []) =>
    all.map((subject): [Labels, Subject] => [{ [label]: subject.name }, subject]);
  const counted = <Subject>(label: string, all: ReadonlyMap<string, Subject>) =>
    [...all].map(([name, subject]): [Labels, Subject] => [{ [label]: name }, subject]);
  return [
    ...families(sourceTotals, counted('source', telemetry.sources)),
    ...families(sources, named('source', health?.sources)),
    ...families(sinkTotals, counted('sink', telemetry.sinks)),
    ...families(sinks, named('sink', health?.sinks)),
    ...families(credentials, named('tenant', health?.credentials)),
    ...families(whole, [[{}, { health, storeBytes, process }]]),
    ...families(build, [[{ version: process.version, node: process.nodeVersion }, undefined]]),
  ].join('');
}

const sourceTotals: readonly Metric<SourceTotals>[] = [
  {
    name: 'defender_siem_records_accepted_total',
    type: 'counter',
    help: 'Records appended to the journal.',
    value: ({ accepted }) => accepted,
  },
  {
    name: 'defender_siem_records_repeated_total',
    type: 'counter',
    help: 'Records read again that were known, and dropped.',
    value: ({ repeated }) => repeated,
  },
  {
    name: 'defender_siem_records_of_unknown_shape_total',
    type: 'counter',
    help: 'Records delivered although their shape is not known: mapped as far as it goes.',
    value: ({ unknownShape }) => unknownShape,
  },
  {
    name: 'defender_siem_source_runs_total',
    type: 'counter',
    help: 'Runs of the source that were begun.',
    value: ({ runs }) => runs,
  },
  {
    name: 'defender_siem_source_run_failures_total',
    type: 'counter',
    help: 'Runs of the source that failed.',
    value: ({ failures }) => failures,
  },
  {
    name: 'defender_siem_source_failing',
    type: 'gauge',
    help: '1 when the last run of the source failed, else 0.',
    value: ({ lastError }) => Number(lastError !== undefined),
  },
];

const sources: readonly Metric<SourceHealth>[] = [
  {
    name: 'defender_siem_source_lag_seconds',
    type: 'gauge',
    help: 'How far the watermark, up to which the source is read, is behind now.',
    value: ({ lagMs }) => seconds(lagMs),
  },
  {
    name: 'defender_siem_source_last_success_timestamp_seconds',
    type: 'gauge',
    help: 'When a run of the source last succeeded, since 1970.',
    value: ({ lastSuccess }) => epochSeconds(lastSuccess),
  },
  {
    name: 'defender_siem_source_overlap_seconds',
    type: 'gauge',
    help: 'How far each run reads again behind the watermark, for records that arrive late.',
    value: ({ overlapMs }) => seconds(overlapMs),
  },
  {
    name: 'defender_siem_source_late_seconds',
    type: 'gauge',
    help: 'How late records come: the 99.9th percentile, behind the watermark.',
    value: ({ lateMs }) => seconds(lateMs),
  },
  {
    name: 'defender_siem_source_gaps',
    type: 'gauge',
    help: 'Spans that could not be read and are set aside, to be tried again.',
    value: ({ gaps }) => gaps,
  },
  {
    name: 'defender_siem_source_audit_timestamp_seconds',
    type: 'gauge',
    help: 'When the last completeness audit of the source ended, since 1970.',
    value: ({ audit }) => epochSeconds(audit?.at),
  },
  {
    name: 'defender_siem_source_audit_expected_records',
    type: 'gauge',
    help: 'Records that the last completeness audit found at the API.',
    value: ({ audit }) => audit?.expected,
  },
  {
    name: 'defender_siem_source_audit_missing_records',
    type: 'gauge',
    help: 'Of these, the ones that had not been accepted before.',
    value: ({ audit }) => (audit === undefined ? undefined : audit.expected - audit.accepted),
  },
  {
    name: 'defender_siem_source_audit_healed_records',
    type: 'gauge',
    help: 'Of the missing, the ones that the audit fetched.',
    value: ({ audit }) => audit?.healed,
  },
];

const sinkTotals: readonly Metric<SinkTotals>[] = [
  {
    name: 'defender_siem_events_delivered_total',
    type: 'counter',
    help: 'Events that the sink has taken.',
    value: ({ delivered }) => delivered,
  },
  {
    name: 'defender_siem_events_replayed_total',
    type: 'counter',
    help: 'Events that the sink has taken once more, from a replay.',
    value: ({ replayed }) => replayed,
  },
  {
    name: 'defender_siem_events_dead_lettered_total',
    type: 'counter',
    help: 'Events refused for good, kept as dead letters.',
    value: ({ deadLettered }) => deadLettered,
  },
  {
    name: 'defender_siem_events_retried_total',
    type: 'counter',
    help: 'Deliveries of an event that were tried again.',
    value: ({ retried }) => retried,
  },
  {
    name: 'defender_siem_events_possibly_repeated_total',
    type: 'counter',
    help: 'Deliveries tried again of which the sink may have had the event before.',
    value: ({ possiblyRepeated }) => possiblyRepeated,
  },
  {
    name: 'defender_siem_events_truncated_total',
    type: 'counter',
    help: 'Events delivered with fields left out to fit.',
    value: ({ truncated }) => truncated,
  },
  {
    name: 'defender_siem_events_passed_over_total',
    type: 'counter',
    help: 'Events that no route sends to the sink.',
    value: ({ passedOver }) => passedOver,
  },
  {
    name: 'defender_siem_sink_failing',
    type: 'gauge',
    help: '1 while the sink takes no events, else 0.',
    value: ({ failing }) => Number(failing !== undefined),
  },
  {
    name: 'defender_siem_sink_delivery_delay_seconds',
    type: 'gauge',
    help: 'From the acceptance to the delivery of the event delivered last.',
    value: ({ delivered, lagMs }) => (delivered === 0 ? undefined : seconds(lagMs)),
  },
];

const sinks: readonly Metric<SinkHealth>[] = [
  {
    name: 'defender_siem_sink_backlog_events',
    type: 'gauge',
    help: 'Events in the journal that are still to be delivered to the sink, or passed over by its routes.',
    value: ({ backlog }) => backlog,
  },
  {
    name: 'defender_siem_sink_oldest_waiting_seconds',
    type: 'gauge',
    help: 'How long the oldest event of the backlog has waited; 0 without a backlog.',
    value: ({ waitingMs }) => seconds(waitingMs ?? 0),
  },
  {
    name: 'defender_siem_sink_dead_letters',
    type: 'gauge',
    help: 'Dead letters that are kept, to be replayed.',
    value: ({ deadLetters }) => deadLetters,
  },
];

const credentials: readonly Metric<CredentialHealth>[] = [
  {
    name: 'defender_siem_credential_expiry_timestamp_seconds',
    type: 'gauge',
    help: 'When the credential of the tenant expires, since 1970; only where that can be known.',
    value: ({ expires }) => epochSeconds(expires),
  },
];

const build: readonly Metric<undefined>[] = [
  {
    name: 'defender_siem_build_info',
    type: 'gauge',
    help: 'Always 1; its labels tell the version of the connector and of Node.js.',
    value: () => 1,
  },
];

/** Returns each metric with a value for at least one subject, as its HELP, its TYPE and a line for each value. */
function families<Subject>(
  metrics: readonly Metric<Subject>[],
  subjects: readonly (readonly [Labels, Subject])[],
): readonly string[] {
  return metrics.map(({ name, type, help, value }) => {
    const samples = subjects.flatMap(([labels, subject]) => {
      const number = value(subject);
      return number === undefined ? [] : [`${name}${labelText(labels)} ${number}\n`];
    });
    return samples.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.join('')}`;
  });
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escapeLabelValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Backslash, quote and line feed are escaped, all else stands for itself (text format 0.0.4, "Text format details"). */
function escapeLabelValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
