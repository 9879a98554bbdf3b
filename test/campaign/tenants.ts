import { ManyTenants, type ManyTenantsOptions } from '../support/many-tenants.ts';
import type { ManyTenantsReport } from '../support/many-tenants-process.ts';
import type { Report, Scenario } from './scenario.ts';

const mostBytes = 400 * 2 ** 20;
const fewTenants = 20;

/** What one connector came to. */
interface Outcome extends ManyTenantsReport {
  readonly events: number;
  readonly lost: number;
  readonly repeated: number;
}

/** A provider's customers in one process: some of them broken in each way there is, some with very much to tell. */
export const scenario: Scenario = {
  name: 'tenants',
  promise:
    'hundreds of tenants in one process under 400 MB: each that is well gets all it has, whatever becomes of the others',
  async run({ seed, long, note }) {
    const scale: ManyTenantsOptions = {
      seed,
      tenants: long ? 400 : 40,
      broken: long ? 60 : 7,
      alertsEach: long ? 10 : 2,
      huge: long ? { tenants: 12, alerts: 1500 } : { tenants: 1, alerts: 100 },
      every: '20m',
      speed: 10,
    };
    const few = long ? await outcomeOf({ ...scale, tenants: fewTenants, broken: 0 }) : undefined;
    if (few !== undefined) note(`${fewTenants} tenants: heap ${few.heapBytes} bytes, peak ${few.peakBytes}`);
    const many = await outcomeOf(scale);
    return reportOf(scale, many, few);
  },
};

async function outcomeOf(options: ManyTenantsOptions): Promise<Outcome> {
  await using many = await ManyTenants.start(options);
  await many.until(() => many.delivery().missing.length === 0);
  const report = await many.end();
  const { missing, repeated } = many.delivery();
  const events = many.healthy.reduce(
    (sum, { control }) => sum + control.published()['graph-alert'].length,
    0,
  );
  return { ...report, events, lost: missing.length, repeated: repeated.length };
}

function reportOf(options: ManyTenantsOptions, many: Outcome, few: Outcome | undefined): Report {
  const { events, lost, repeated, peakBytes, cpuMs, logLines, heapBytes = 0 } = many;
  const eachKb =
    few === undefined
      ? 'not measured'
      : Math.round((heapBytes - (few.heapBytes ?? 0)) / 1024 / (options.tenants - fewTenants));
  return {
    figures: {
      tenants: options.tenants,
      broken: options.broken,
      events,
      lost,
      repeated,
      'peak MB': Math.round(peakBytes / 2 ** 20),
      'heap KB a tenant': eachKb,
      'CPU s': Math.round(cpuMs / 1000),
      'log lines': logLines,
    },
    broken: [
      ...(lost === 0 ? [] : [`${lost} events lost`]),
      ...(repeated === 0 ? [] : [`${repeated} events repeated`]),
      ...(peakBytes < mostBytes ? [] : [`${peakBytes} bytes at its peak`]),
      ...(logLines < 5 * options.broken + 50 ? [] : [`${logLines} lines of warnings and errors`]),
    ],
  };
}
