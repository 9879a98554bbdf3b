import { type Metric, seconds } from './metric.ts';
import type { MetricsState } from './metrics.ts';

/** The metrics of the store, the process, and all tenants together. */
export const whole: readonly Metric<Omit<MetricsState, 'telemetry'>>[] = [
  {
    name: 'defender_siem_healthy',
    type: 'gauge',
    help: '1 when the store and every source, sink and credential are well, else 0; what /status tells.',
    value: ({ health }) => Number(health?.healthy === true),
  },
  {
    name: 'defender_siem_tenants',
    type: 'gauge',
    help: 'Tenants that are configured.',
    value: ({ health }) => health?.totals.tenants.total,
  },
  {
    name: 'defender_siem_tenants_not_well',
    type: 'gauge',
    help: 'Tenants of which a source or the credential is not well.',
    value: ({ health }) => health?.totals.tenants.notWell,
  },
  {
    name: 'defender_siem_sources_not_well',
    type: 'gauge',
    help: 'Sources that are not well.',
    value: ({ health }) => health?.totals.sources.notWell,
  },
  {
    name: 'defender_siem_store_up',
    type: 'gauge',
    help: '1 when the store answers, else 0.',
    value: ({ health }) => Number(health !== undefined),
  },
  {
    name: 'defender_siem_store_bytes',
    type: 'gauge',
    help: 'Size of the store on disk.',
    value: ({ storeBytes }) => storeBytes,
  },
  {
    name: 'defender_siem_store_max_bytes',
    type: 'gauge',
    help: 'The size of the store at which collection pauses.',
    value: ({ health }) => health?.store.maxBytes,
  },
  {
    name: 'defender_siem_jobs_open',
    type: 'gauge',
    help: 'Replays and backfills that are not over.',
    value: ({ health }) => health?.jobs.filter(({ ended }) => ended === undefined).length,
  },
  {
    name: 'defender_siem_jobs_failed',
    type: 'gauge',
    help: 'Of the last 20 replays and backfills that are over, those that failed.',
    value: ({ health }) => health?.jobs.filter(({ state }) => state === 'failed').length,
  },
  {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory size in bytes.',
    value: ({ process }) => process.residentBytes,
  },
  {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'Start time of the process since unix epoch in seconds.',
    value: ({ process }) => seconds(process.startedAtMs),
  },
];
