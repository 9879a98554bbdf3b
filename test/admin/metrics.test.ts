import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MetricsState, metricsText } from '../../src/admin/metrics.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import { anyText } from '../support/any-text.ts';
import { aCredential, aHealth, aJob, aSink, aSource, someTelemetry } from './a-health.ts';
import { parseExposition } from './exposition.ts';

const state: MetricsState = {
  telemetry: someTelemetry(),
  health: aHealth({
    sinks: [aSink({ backlog: 8, waitingMs: 2500, deadLetters: 3 })],
    credentials: [aCredential({ kind: 'certificate', expires: '2026-12-01T00:00:00.000Z' })],
    jobs: [
      aJob({ state: 'waiting', ended: undefined }),
      aJob(),
      aJob({ state: 'failed' }),
      aJob({ state: 'failed' }),
    ],
  }),
  storeBytes: 65_536,
  process: {
    version: '0.1.0',
    nodeVersion: 'v26.10.0',
    residentBytes: 90_000_000,
    startedAtMs: Date.parse('2026-11-03T08:00:00.250Z'),
  },
};

/** Every value, by its metric. */
function valuesOf(text: string): Record<string, number | undefined> {
  return Object.fromEntries(
    [...parseExposition(text)].map(([name, { samples }]) => [name, samples[0]?.value]),
  );
}

describe('metrics', () => {
  test('tell each number under its name, in seconds and bytes', () => {
    expect(valuesOf(metricsText(state))).toEqual({
      defender_siem_records_accepted_total: 101,
      defender_siem_records_of_unknown_shape_total: 2,
      defender_siem_records_repeated_total: 9,
      defender_siem_source_runs_total: 12,
      defender_siem_sources_not_well: 0,
      defender_siem_tenants: 1,
      defender_siem_tenants_not_well: 0,
      defender_siem_source_run_failures_total: 2,
      defender_siem_source_failing: 1,
      defender_siem_source_last_success_timestamp_seconds: 1_793_694_320,
      defender_siem_source_lag_seconds: 60,
      defender_siem_source_overlap_seconds: 900,
      defender_siem_source_late_seconds: 30.5,
      defender_siem_source_gaps: 0,
      defender_siem_source_audit_timestamp_seconds: 1_793_694_000,
      defender_siem_source_audit_expected_records: 9000,
      defender_siem_source_audit_missing_records: 10,
      defender_siem_source_audit_healed_records: 9,
      defender_siem_events_delivered_total: 93,
      defender_siem_events_replayed_total: 17,
      defender_siem_events_dead_lettered_total: 3,
      defender_siem_events_retried_total: 5,
      defender_siem_events_possibly_repeated_total: 4,
      defender_siem_events_truncated_total: 6,
      defender_siem_events_passed_over_total: 7,
      defender_siem_sink_failing: 1,
      defender_siem_sink_delivery_delay_seconds: 1.25,
      defender_siem_sink_backlog_events: 8,
      defender_siem_sink_oldest_waiting_seconds: 2.5,
      defender_siem_sink_dead_letters: 3,
      defender_siem_credential_expiry_timestamp_seconds: 1_796_083_200,
      defender_siem_healthy: 1,
      defender_siem_store_up: 1,
      defender_siem_store_bytes: 65_536,
      defender_siem_store_max_bytes: 1_000_000,
      defender_siem_jobs_open: 1,
      defender_siem_jobs_failed: 2,
      process_resident_memory_bytes: 90_000_000,
      process_start_time_seconds: 1_793_692_800.25,
      defender_siem_build_info: 1,
    });
  });

  test('are labelled by source, sink and tenant', () => {
    const families = parseExposition(metricsText(state));
    const labels = (name: string) => families.get(name)?.samples[0]?.labels;
    expect(labels('defender_siem_records_accepted_total')).toEqual({ source: 'alerts' });
    expect(labels('defender_siem_source_lag_seconds')).toEqual({ source: 'alerts' });
    expect(labels('defender_siem_events_delivered_total')).toEqual({ sink: 'siem' });
    expect(labels('defender_siem_sink_backlog_events')).toEqual({ sink: 'siem' });
    expect(labels('defender_siem_credential_expiry_timestamp_seconds')).toEqual({ tenant: 'contoso' });
    expect(labels('defender_siem_store_bytes')).toEqual({});
    expect(labels('defender_siem_build_info')).toEqual({ version: '0.1.0', node: 'v26.10.0' });
  });

  test('count in names that end in _total, and in no others', () => {
    for (const { name, type, help } of parseExposition(metricsText(state)).values()) {
      expect(type === 'counter', name).toBe(name.endsWith('_total'));
      expect(help).not.toBe('');
    }
  });

  test('of all sources stand together under one HELP', () => {
    const telemetry = someTelemetry();
    telemetry.source('endpoint-alerts').accepted = 5;
    const families = parseExposition(metricsText({ ...state, telemetry }));
    expect(families.get('defender_siem_records_accepted_total')?.samples).toEqual([
      { labels: { source: 'alerts' }, value: 101 },
      { labels: { source: 'endpoint-alerts' }, value: 5 },
    ]);
  });

  test('leave out what is not known, rather than telling a number that is none', () => {
    const telemetry = new Telemetry();
    telemetry.source('alerts');
    telemetry.sink('siem');
    const health = aHealth({
      sources: [aSource({ watermark: undefined, lagMs: undefined, lastSuccess: undefined })],
    });
    const values = valuesOf(metricsText({ ...state, telemetry, health }));
    expect(values).not.toHaveProperty('defender_siem_source_lag_seconds');
    expect(values).not.toHaveProperty('defender_siem_source_last_success_timestamp_seconds');
    expect(values).not.toHaveProperty('defender_siem_sink_delivery_delay_seconds');
    expect(values).not.toHaveProperty('defender_siem_credential_expiry_timestamp_seconds');
    expect(values).toMatchObject({
      defender_siem_records_accepted_total: 0,
      defender_siem_sink_failing: 0,
      defender_siem_source_failing: 0,
      defender_siem_sink_oldest_waiting_seconds: 0,
    });
  });

  test('go on without the store, and tell that it does not answer', () => {
    const values = valuesOf(metricsText({ ...state, health: undefined, storeBytes: undefined }));
    expect(values).toMatchObject({
      defender_siem_store_up: 0,
      defender_siem_healthy: 0,
      defender_siem_events_delivered_total: 93,
    });
    expect(values).not.toHaveProperty('defender_siem_store_bytes');
  });

  test('carry any name unharmed', () => {
    fc.assert(
      fc.property(anyText, anyText, (source, sink) => {
        const families = parseExposition(metricsText({ ...state, telemetry: someTelemetry(source, sink) }));
        expect(families.get('defender_siem_source_runs_total')?.samples[0]?.labels).toEqual({ source });
        expect(families.get('defender_siem_sink_failing')?.samples[0]?.labels).toEqual({ sink });
      }),
    );
  });

  test('stand in the runbook, each of them', () => {
    const runbook = readFileSync(new URL('../../deploy/README.md', import.meta.url), 'utf8');
    const missing = [...parseExposition(metricsText(state)).keys()].filter(
      (name) => !runbook.includes(`\`${name}\``),
    );
    expect(missing).toEqual([]);
  });
});
